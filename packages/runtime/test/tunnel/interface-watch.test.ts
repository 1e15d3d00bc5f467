import { parseIpv6, teredoServicePrefix } from '@navalis/address';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { clientPlan, type InterfacePlan, relayPlan } from '../../src/tunnel/interface-plans.ts';
import { TunnelInterface } from '../../src/tunnel/tunnel-interface.ts';
import { FakeMachine } from '../fakes.ts';

const address = '2001:0:c000:201:1234:efff:34ff:8ef8';
const client = clientPlan('teredo', parseIpv6(address)!, 1280, { hasDefaultRoute: true, routeMetric: 1_000_000 });
const routing = { hasDefaultRoute: true, routeMetric: 1_000_000, routingTable: 77 };
const ruled = clientPlan('teredo', parseIpv6(address)!, 1280, routing);
const relay = relayPlan('teredo', teredoServicePrefix, 1024);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function carrying(plan: InterfacePlan) {
  const machine = new FakeMachine();
  let removals = 0;
  const tunnel = new TunnelInterface('teredo', await machine.context(), () => {
    removals += 1;
  });
  await tunnel.carry(plan);
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 1_000) {
      await vi.advanceTimersByTimeAsync(1_000);
    }
  };
  await pass(3_000);
  expect(machine.log).toEqual([]);
  const whole = structuredClone(machine.interfaces.link('teredo'));
  return { machine, tunnel, pass, whole, link: machine.interfaces.link('teredo'), removals: () => removals };
}

type Scene = Awaited<ReturnType<typeof carrying>>;

const takesAwayRoute = (destination: string, source?: string, table?: number) => (scene: Scene) => {
  scene.link.routes = scene.link.routes.filter(
    (route) => route.destination !== destination || route.source !== source || route.table !== table,
  );
};

const interferences: readonly [string, InterfacePlan, (scene: Scene) => void, string][] = [
  [
    'a client: link down',
    client,
    (s) => s.machine.interfaces.run([['link', 'set', 'dev', 'teredo', 'down']]),
    'link down',
  ],
  [
    'a client: addresses flushed',
    client,
    (s) => Object.assign(s.link, { addresses: [], routes: [] }),
    `address ${address} missing`,
  ],
  ['a client: default route', client, takesAwayRoute('default'), 'route default missing'],
  ['a client: route to clients', client, takesAwayRoute('2001::/32'), 'route 2001::/32 missing'],
  [
    'a client: default route of its own address',
    client,
    takesAwayRoute('default', address),
    `route default from ${address} missing`,
  ],
  [
    'a client: route of its table',
    ruled,
    takesAwayRoute('default', undefined, 77),
    'route default of table 77 missing',
  ],
  ['a client: MTU', client, (s) => Object.assign(s.link, { mtu: 1400 }), 'MTU 1400 instead of 1280'],
  ['a client: IPv6 off', client, (s) => s.machine.interfaces.disableIpv6('teredo'), 'IPv6 switched off'],
  [
    'a relay: link down',
    relay,
    (s) => s.machine.interfaces.run([['link', 'set', 'dev', 'teredo', 'down']]),
    'link down',
  ],
  ['a relay: route', relay, takesAwayRoute('2001::/32'), 'route 2001::/32 missing'],
  ['a relay: MTU', relay, (s) => Object.assign(s.link, { mtu: 9000 }), 'MTU 9000 instead of 1280'],
  ['a relay: IPv6 off', relay, (s) => s.machine.interfaces.disableIpv6('teredo'), 'IPv6 switched off'],
];

describe('the watch over a tunnel interface', () => {
  it.each(interferences)('[CL-U-14] restores what others remove, and logs it; %s', async (_, plan, interfere, what) => {
    const scene = await carrying(plan);
    interfere(scene);
    expect(scene.link).not.toEqual(scene.whole);
    await scene.pass(3_000);
    expect(scene.link).toEqual(scene.whole);
    expect(scene.machine.upkeep.report.restores).toBe(1);
    expect(scene.machine.log).toHaveLength(1);
    expect(scene.machine.log[0]).toContain(what);
    expect(scene.machine.log[0]).toContain('is restored');
    expect(scene.machine.degradations.active).toEqual([]);
  });

  it('[CL-U-14] restores the rule for packets from the address', async () => {
    const { machine, pass } = await carrying(ruled);
    const { rules } = machine.interfaces;
    expect(rules).toEqual([{ source: address, table: 77 }]);
    machine.interfaces.rules = [];
    await pass(3_000);
    expect(machine.interfaces.rules).toEqual(rules);
    expect(machine.log).toEqual([
      `Interface teredo was changed by another program (rule from ${address} lookup 77 missing) and is restored. If this happens again, have that program leave it alone.`,
    ]);
  });

  it('keeps additions by an operator', async () => {
    const { machine, link, pass } = await carrying(client);
    link.addresses.push('2001:db8::1');
    link.routes.push({ destination: '2001:db8::/64', metric: 1024 });
    machine.commands.length = 0;
    await pass(5_000);
    expect(machine.commands).toEqual([]);
    link.addresses = link.addresses.filter((each) => each !== address);
    await pass(3_000);
    expect(link.addresses).toContain('2001:db8::1');
    expect(machine.commands).toEqual([`address add ${address}/32 dev teredo nodad`]);
  });

  it('restores nothing while its role has no address', async () => {
    const { machine, tunnel, link, pass } = await carrying(client);
    await tunnel.clear();
    machine.commands.length = 0;
    await pass(60_000);
    expect(link.isUp).toBe(false);
    expect(machine.commands).toEqual([]);
    expect(machine.log).toEqual([]);
  });

  it('is degraded while it may not switch IPv6 on, with the command that does, and restores all when it can', async () => {
    const { machine, link, whole, pass } = await carrying(client);
    machine.interfaces.isSwitchWritable = false;
    machine.interfaces.disableIpv6('teredo');
    await pass(3_000);
    expect(machine.degradations.active).toMatchObject([
      {
        reason: 'interface',
        evidence: 'IPv6 switched off',
        cure: 'Run "sysctl -w net.ipv6.conf.teredo.disable_ipv6=0".',
      },
    ]);
    await pass(30_000);
    expect(machine.log).toHaveLength(1);
    // The operator does.
    link.isIpv6Disabled = false;
    await pass(5_000);
    expect(link).toEqual(whole);
    expect(machine.degradations.active).toEqual([]);
    expect(machine.log.at(-1)).toBe('The tunnel interface is configured correctly again.');
  });

  it('does not overrule an operator who switched IPv6 off for the whole host', async () => {
    const { machine, link, pass } = await carrying(relay);
    machine.interfaces.isIpv6Disabled = true;
    machine.interfaces.disableIpv6('teredo');
    await pass(10_000);
    expect(link.isIpv6Disabled).toBe(true);
    const [{ cure } = { cure: '' }] = machine.degradations.active;
    expect(cure).toBe('Run "sysctl -w net.ipv6.conf.all.disable_ipv6=0".');
  });

  it('yields, longer each time, to a program that removes the same part repeatedly, and is degraded then', async () => {
    const { machine, link, whole, pass } = await carrying(relay);
    machine.commands.length = 0;
    const takeAway = () => {
      link.routes = [];
    };
    for (let second = 0; second < 300; second++) {
      takeAway();
      await pass(1_000);
    }
    // Three at once, then after 2, 4, 8, 16, 32 and 60 s.
    expect(machine.commands.length).toBeGreaterThan(6);
    expect(machine.commands.length).toBeLessThan(15);
    expect(machine.degradations.active).toMatchObject([{ reason: 'interface', evidence: 'route 2001::/32 missing' }]);
    expect(machine.degradations.active[0]!.sentence).toContain('keeps changing interface teredo');
    await pass(90_000);
    expect(link).toEqual(whole);
    expect(machine.degradations.active).toEqual([]);
  });

  it('is degraded while ip fails, and while the state cannot be read', async () => {
    const { machine, link, whole, pass } = await carrying(relay);
    const run = machine.interfaces.run.bind(machine.interfaces);
    machine.interfaces.run = () => {
      throw new Error('"ip -6 route add" failed: No buffer space available.');
    };
    link.routes = [];
    await pass(3_000);
    expect(machine.degradations.active[0]!.sentence).toContain('No buffer space available');
    machine.interfaces.run = run;
    await pass(5_000);
    expect(link).toEqual(whole);
    expect(machine.degradations.active).toEqual([]);

    machine.interfaces.isReadable = false;
    await pass(6_000);
    expect(machine.degradations.active[0]!.sentence).toContain('The state of interface teredo is unknown');
    machine.interfaces.isReadable = true;
    await pass(3_000);
    expect(machine.degradations.active).toEqual([]);
  });

  it('reports once that the interface is gone, and restores nothing', async () => {
    const { machine, pass, removals } = await carrying(client);
    machine.interfaces.links.delete('teredo');
    await pass(10_000);
    expect(removals()).toBe(1);
    expect(machine.interfaces.links.size).toBe(0);
  });

  it('reads the interface soon after an announcement, and seldom while there is none', async () => {
    const { machine, pass } = await carrying(client);
    machine.announcements.follow({ isListening: true, end: () => undefined });
    await pass(10_000);
    const before = machine.interfaces.reads;
    await pass(100_000);
    expect(machine.interfaces.reads - before).toBe(10);
    machine.announcements.tell();
    await pass(1_000);
    expect(machine.interfaces.reads - before).toBe(11);
  });

  it('tells which routes are there', async () => {
    const { machine, tunnel, link, pass } = await carrying(client);
    expect(machine.upkeep.report.routes).toEqual({ 'service-prefix': true, default: true });
    machine.interfaces.isSwitchWritable = false;
    machine.interfaces.disableIpv6('teredo');
    await pass(1_000);
    expect(machine.upkeep.report.routes).toEqual({ 'service-prefix': false, default: false });
    machine.interfaces.isSwitchWritable = true;
    await pass(5_000);
    expect(machine.upkeep.report.routes).toEqual({ 'service-prefix': true, default: true });
    await tunnel.clear();
    expect(machine.upkeep.report.routes).toEqual({ 'service-prefix': false, default: false });
    await tunnel.carry(clientPlan('teredo', parseIpv6(address)!, 1280, { hasDefaultRoute: false, routeMetric: 7 }));
    await pass(1_000);
    expect(machine.upkeep.report.routes).toEqual({ 'service-prefix': true, default: false });
    expect(link.isUp).toBe(true);
    await tunnel.close();
    expect(machine.upkeep.report.routes).toEqual({ 'service-prefix': false, default: false });
  });

  it('tells nothing about a route that the operator makes', async () => {
    const { machine } = await carrying(relayPlan('teredo', teredoServicePrefix, undefined));
    expect(machine.upkeep.report.routes).toEqual({ default: false });
  });

  it('ends with its interface, and ends its degradations', async () => {
    const { machine, tunnel, link, pass } = await carrying(client);
    machine.interfaces.isSwitchWritable = false;
    machine.interfaces.disableIpv6('teredo');
    await pass(3_000);
    await tunnel.close();
    expect(machine.degradations.active).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
    link.isIpv6Disabled = false;
    await pass(10_000);
    expect(link.addresses).toEqual([]);
  });

  it('retries a failed restore later, instead of ending the program', async () => {
    const { machine, tunnel, link, whole, pass } = await carrying(client);
    await tunnel.clear();
    link.isIpv6Disabled = true;
    machine.interfaces.isSwitchWritable = false;
    await tunnel.carry(
      clientPlan('teredo', parseIpv6(address)!, 1280, { hasDefaultRoute: true, routeMetric: 1_000_000 }),
    );
    await pass(3_000);
    expect(machine.degradations.active).toMatchObject([{ reason: 'interface' }]);
    link.isIpv6Disabled = false;
    await pass(5_000);
    expect(link).toEqual(whole);
  });
});

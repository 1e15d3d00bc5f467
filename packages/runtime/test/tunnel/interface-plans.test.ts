import { parseIpv6, teredoServicePrefix } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import { commandFailed } from '../../src/host/commands/ip-command.ts';
import {
  changeCommands,
  clientPlan,
  downCommands,
  hostRelayPlan,
  relayPlan,
  upCommands,
} from '../../src/tunnel/interface-plans.ts';

const address = parseIpv6('2001:0:c000:201:1234:efff:34ff:8ef8')!;
const text = (plan: readonly (readonly string[])[]) => plan.map((command) => command.join(' '));

describe('the interface of a client', () => {
  it('[CL-U-03][IO-11] carries the common link-local and the Teredo address, and a default route with lower priority than others', () => {
    expect(
      text(upCommands(clientPlan('teredo', address, 1280, { hasDefaultRoute: true, routeMetric: 1_000_000 }))),
    ).toEqual([
      'link set dev teredo addrgenmode none',
      'link set dev teredo mtu 1280 up',
      'address add fe80::ffff:ffff:ffff/64 dev teredo scope link nodad',
      'address add 2001:0:c000:201:1234:efff:34ff:8ef8/32 dev teredo nodad',
      'route add default dev teredo metric 1000000',
      'route add 2001::/33 from 2001:0:c000:201:1234:efff:34ff:8ef8 dev teredo metric 1000000',
      'route add 2001:0:8000::/33 from 2001:0:c000:201:1234:efff:34ff:8ef8 dev teredo metric 1000000',
      'route add default from 2001:0:c000:201:1234:efff:34ff:8ef8 dev teredo metric 1000000',
    ]);
  });

  it('[CL-U-03] has the configured metric; without a default route only packets from its address leave through it', () => {
    const commands = (hasDefaultRoute: boolean) =>
      text(upCommands(clientPlan('teredo', address, 1280, { hasDefaultRoute, routeMetric: 7 }))).slice(4);
    const own = [
      'route add 2001::/33 from 2001:0:c000:201:1234:efff:34ff:8ef8 dev teredo metric 7',
      'route add 2001:0:8000::/33 from 2001:0:c000:201:1234:efff:34ff:8ef8 dev teredo metric 7',
      'route add default from 2001:0:c000:201:1234:efff:34ff:8ef8 dev teredo metric 7',
    ];
    expect(commands(true)).toEqual(['route add default dev teredo metric 7', ...own]);
    expect(commands(false)).toEqual(own);
  });

  it('[CL-U-03] changes metric and default route while the link stays up, with the new routes first', () => {
    const plan = (hasDefaultRoute: boolean, routeMetric: number) =>
      clientPlan('teredo', address, 1280, { hasDefaultRoute, routeMetric });
    const commands = text(changeCommands(plan(true, 7), plan(true, 8)));
    const changes = commands.map((command) => /^route (add|del) .*( metric .*)$/.exec(command)?.slice(1).join(''));
    expect(changes).toEqual([...new Array(4).fill('add metric 8'), ...new Array(4).fill('del metric 7')]);
    expect(text(changeCommands(plan(true, 7), plan(false, 7)))).toEqual(['route del default dev teredo metric 7']);
  });

  it('has no addresses and routes after the address was lost', () => {
    expect(text(downCommands('teredo'))).toEqual(['address flush dev teredo', 'link set dev teredo down']);
  });
});

describe('the interface of a relay', () => {
  it('[RL-A-01a][HR-17] takes exactly the service prefix, at MTU 1280, and has no address', () => {
    expect(text(upCommands(relayPlan('teredo', teredoServicePrefix, 1024)))).toEqual([
      'link set dev teredo addrgenmode none',
      'link set dev teredo mtu 1280 up',
      'route add 2001::/32 dev teredo metric 1024 mtu 1280',
    ]);
  });

  it('[RL-A-01a] leaves the route to the operator when told to, and takes it back', () => {
    const [own, none] = [1024, undefined].map((metric) => relayPlan('teredo', teredoServicePrefix, metric));
    expect(text(upCommands(none!))).toEqual([
      'link set dev teredo addrgenmode none',
      'link set dev teredo mtu 1280 up',
    ]);
    expect(text(changeCommands(own!, none!))).toEqual(['route del 2001::/32 dev teredo metric 1024 mtu 1280']);
    expect(text(changeCommands(none!, own!))).toEqual(['route add 2001::/32 dev teredo metric 1024 mtu 1280']);
  });

  it('[RL-A-01a] changes its metric without a moment without a route', () => {
    const plan = (metric: number) => relayPlan('teredo', teredoServicePrefix, metric);
    expect(text(changeCommands(plan(1024), plan(2048)))).toEqual([
      'route add 2001::/32 dev teredo metric 2048 mtu 1280',
      'route del 2001::/32 dev teredo metric 1024 mtu 1280',
    ]);
  });

  it('[HR-14] of a host-specific relay has routes for packets from the addresses that it serves, and follows them', () => {
    const [one, other, third] = ['2a00:1::1', '2a00:1::2', '2a00:1::3'].map((each) => parseIpv6(each)!);
    const before = hostRelayPlan('teredo1', teredoServicePrefix, 2048, [one!, other!]);
    expect(text(upCommands(before)).slice(2)).toEqual([
      'route add 2001::/32 dev teredo1 metric 2048 mtu 1280',
      'route add 2001::/33 from 2a00:1::1 dev teredo1 metric 2048 mtu 1280',
      'route add 2001:0:8000::/33 from 2a00:1::1 dev teredo1 metric 2048 mtu 1280',
      'route add 2001::/33 from 2a00:1::2 dev teredo1 metric 2048 mtu 1280',
      'route add 2001:0:8000::/33 from 2a00:1::2 dev teredo1 metric 2048 mtu 1280',
    ]);
    const after = hostRelayPlan('teredo1', teredoServicePrefix, 2048, [other!, third!]);
    expect(text(changeCommands(before, after))).toEqual([
      'route add 2001::/33 from 2a00:1::3 dev teredo1 metric 2048 mtu 1280',
      'route add 2001:0:8000::/33 from 2a00:1::3 dev teredo1 metric 2048 mtu 1280',
      'route del 2001::/33 from 2a00:1::1 dev teredo1 metric 2048 mtu 1280',
      'route del 2001:0:8000::/33 from 2a00:1::1 dev teredo1 metric 2048 mtu 1280',
    ]);
    expect(text(changeCommands(after, after))).toEqual([]);
    expect(text(changeCommands(after, { ...after, mtu: 1300 }))).toEqual([
      ...text(downCommands('teredo1')),
      ...text(upCommands({ ...after, mtu: 1300 })),
    ]);
  });
});

describe('a failed command', () => {
  const plan = upCommands(relayPlan('teredo', teredoServicePrefix, 1024));

  it('is named with the message of ip', () => {
    const error = commandFailed(plan, 'RTNETLINK answers: File exists\nCommand failed -:3\n');
    expect(error.code).toBe('command-failed');
    expect(error.message).toBe(
      '"ip -6 route add 2001::/32 dev teredo metric 1024 mtu 1280" failed: File exists. Another route to 2001::/32 has this metric, see "ip -6 route show 2001::/32": choose another --route-metric.',
    );
  });

  it('explains how a second client avoids the conflict of default routes', () => {
    const commands = upCommands(
      clientPlan('teredo1', address, 1280, { hasDefaultRoute: true, routeMetric: 1_000_000 }),
    );
    const error = commandFailed(commands, 'RTNETLINK answers: File exists\nCommand failed -:5\n');
    expect(error.message).toMatch(/: choose another --route-metric, or --default-route false\.$/);
    expect(commandFailed(commands, 'RTNETLINK answers: File exists\nCommand failed -:4\n').message).not.toContain(
      'metric,',
    );
  });

  it('points to a missing privilege', () => {
    expect(commandFailed(plan, 'RTNETLINK answers: Operation not permitted\nCommand failed -:1\n').code).toBe(
      'no-privilege',
    );
  });

  it('points to IPv6 being off', () => {
    const error = commandFailed(plan, 'RTNETLINK answers: Permission denied\nCommand failed -:1\n');
    expect(error.message).toContain('disable_ipv6');
  });
});

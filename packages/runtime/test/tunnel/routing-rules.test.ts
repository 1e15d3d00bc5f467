import { parseIpv6 } from '@navalis/address';
import { NavalisError } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { commandFailed } from '../../src/host/commands/ip-command.ts';
import { changeCommands, clientPlan, upCommands } from '../../src/tunnel/interface-plans.ts';
import { parseInterfaceState, parseRules, stateCommands } from '../../src/tunnel/interface-state.ts';
import { TunnelInterface } from '../../src/tunnel/tunnel-interface.ts';
import { FakeMachine } from '../fakes.ts';

const first = '2001:0:c000:201:1234:efff:34ff:8ef8';
const second = '2001:0:c000:201:1111:efff:34ff:8ef8';
const planOf = (address: string, routingTable?: number, routeMetric = 7) =>
  clientPlan('teredo', parseIpv6(address)!, 1280, { hasDefaultRoute: true, routeMetric, routingTable });
const text = (commands: readonly (readonly string[])[]) => commands.map((command) => command.join(' '));

async function tunnel() {
  const machine = new FakeMachine();
  machine.interfaces.run([['link', 'set', 'dev', 'teredo', 'mtu', '1280']]);
  const device = new TunnelInterface('teredo', await machine.context(), () => undefined);
  const rules = () => machine.interfaces.rules.map(({ source, table }) => `${source} ${table}`);
  return { machine, device, rules };
}

describe('[CL-U-16] a client with a routing table', () => {
  it('has its default route there, and no routes for its source in the main table', () => {
    expect(text(upCommands(planOf(first, 77))).slice(3)).toEqual([
      `address add ${first}/32 dev teredo nodad`,
      'route add default dev teredo metric 7',
      'route add default dev teredo table 77',
    ]);
  });

  it('changes the table while packets flow', () => {
    expect(text(changeCommands(planOf(first), planOf(first, 77)))).toEqual([
      'route add default dev teredo table 77',
      `route del 2001::/33 from ${first} dev teredo metric 7`,
      `route del 2001:0:8000::/33 from ${first} dev teredo metric 7`,
      `route del default from ${first} dev teredo metric 7`,
    ]);
    expect(text(changeCommands(planOf(first, 77), planOf(first, 78)))).toEqual([
      'route add default dev teredo table 78',
      'route del default dev teredo table 77',
    ]);
  });

  it('has a rule exactly for the address that it has', async () => {
    const { machine, device, rules } = await tunnel();
    await device.carry(planOf(first, 77));
    expect(machine.commands.at(-1)).toBe(`rule add from ${first} lookup 77 priority 3544`);
    await device.carry(planOf(second, 77));
    expect(rules()).toEqual([`${second} 77`]);
    await device.carry(planOf(second, 78));
    expect(rules()).toEqual([`${second} 78`]);
    await device.carry(planOf(second));
    expect(rules()).toEqual([]);
    await device.carry(planOf(second, 78));
    await device.clear();
    expect(rules()).toEqual([]);
    await device.carry(planOf(second, 78));
    await device.close();
    expect(rules()).toEqual([]);
    expect(machine.log).toEqual([]);
  });

  it('takes over the rules of a killed run, and leaves those of other tables', async () => {
    const { machine, device, rules } = await tunnel();
    const left = (source: string, table: number) => ({ source, table });
    machine.interfaces.rules = [left(first, 77), left(second, 77), left(second, 78)];
    await device.carry(planOf(first, 77));
    expect(rules()).toEqual([`${first} 77`, `${second} 78`]);
    await device.close();
    expect(rules()).toEqual([`${second} 78`]);
  });

  it('warns when its rule is left', async () => {
    const { machine, device } = await tunnel();
    await device.carry(planOf(first, 77));
    machine.interfaces.readRules = () => Promise.reject(new NavalisError('command-failed', 'No process.'));
    await device.close();
    expect(machine.log).toEqual([
      `The rule for packets from ${first} is left on this host. No process. See "ip -6 rule".`,
    ]);
  });

  it('explains a table that another program uses', () => {
    const commands = upCommands(planOf(first, 77));
    const error = commandFailed(commands, `RTNETLINK answers: File exists\nCommand failed -:${commands.length}\n`);
    expect(error.message).toBe(
      '"ip -6 route add default dev teredo table 77" failed: File exists. Another program uses this table, see "ip -6 route show table 77": choose another --routing-table.',
    );
  });
});

describe('the output of ip', () => {
  /** As iproute2 6.1 prints it. */
  const ruleList = [
    '{"priority":0,"src":"all","table":"255"}',
    `{"priority":3544,"src":"${first}","table":"77"}`,
    `{"priority":3544,"src":"${first}","iif":"lo","table":"77"}`,
    '{"priority":3544,"src":"2001:0:c000:201::","srclen":64,"table":"77"}',
    '{"priority":3544,"src":"2a00:1::1","table":"77"}',
    `{"priority":3545,"src":"${second}","table":"77"}`,
    `{"priority":3544,"src":"${second}","fwmark":"0x3","table":"78"}`,
    `{"not":null,"priority":3544,"src":"${second}","table":"79"}`,
  ].join();

  it('has the rules of clients, and those of nobody else', () => {
    expect(parseRules(`[${ruleList}]\n`)).toEqual([{ source: first, table: 77 }]);
  });

  it('has rules and routes of all tables for a client that needs them', () => {
    const text = [
      `[{"ifname":"teredo","addr_info":[{"local":"${first}","prefixlen":32}]}]`,
      '[{"dst":"default","table":"77","metric":1024},{"dst":"default","metric":7}]',
      `[${ruleList}]`,
      '[{"ifname":"teredo","flags":["UP"],"mtu":1280}]',
    ].join('\n');
    expect(parseInterfaceState(text, { isIpv6Disabled: false, isIpv6DisabledEverywhere: false })).toMatchObject({
      isUp: true,
      routes: [
        { destination: 'default', table: 77, metric: 1024 },
        { destination: 'default', metric: 7 },
      ],
      rules: [{ source: first, table: 77 }],
    });
    expect(text.split('\n')).toHaveLength(stateCommands('teredo', true).length);
    expect(stateCommands('teredo', false)).toHaveLength(3);
  });
});

import { parseIpv6 } from '@navalis/address';
import { NavalisError } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { commandFailed, type IpCommand, type IpRunner } from '../../src/host/commands/ip-command.ts';
import { clientPlan } from '../../src/tunnel/interface-plans.ts';
import { TunnelInterface } from '../../src/tunnel/tunnel-interface.ts';
import { FakeMachine } from '../fakes.ts';

const first = parseIpv6('2001:0:c000:201:1234:efff:34ff:8ef8')!;
const second = parseIpv6('2001:0:c000:201:1111:efff:34ff:8ef8')!;
const routing = { hasDefaultRoute: true, routeMetric: 1_000_000 };
const firstPlan = clientPlan('teredo', first, 1280, routing);
const secondPlan = clientPlan('teredo', second, 1280, routing);

/** The interface `teredo` whose commands go to `runIp`. */
async function tunnel(runIp: IpRunner): Promise<TunnelInterface> {
  const machine = new FakeMachine();
  machine.interfaces.run([['link', 'set', 'dev', 'teredo', 'mtu', '1280']]);
  const context = await machine.context();
  return new TunnelInterface('teredo', { ...context, runIp }, () => undefined);
}

/** A runner that carries out a batch when told to. */
class HeldRunner {
  readonly batches: (readonly IpCommand[])[] = [];
  #release: (() => void)[] = [];

  run = (commands: readonly IpCommand[]): Promise<void> => {
    this.batches.push(commands);
    return new Promise((resolve) => this.#release.push(resolve));
  };

  async finishOne(): Promise<void> {
    await Promise.resolve();
    await Promise.resolve();
    this.#release.shift()!();
  }
}

const lastWords = (commands: readonly IpCommand[] | undefined) => commands?.map((command) => command.join(' '));

describe('[CL-U-13] the interface of a client', () => {
  it('is up with address and routes only while there is an address', async () => {
    const batches: (readonly IpCommand[])[] = [];
    const device = await tunnel(async (commands) => void batches.push(commands));
    expect(batches).toEqual([]);
    await device.carry(firstPlan);
    await device.clear();
    expect(lastWords(batches[0])).toContain('address add 2001:0:c000:201:1234:efff:34ff:8ef8/32 dev teredo nodad');
    expect(lastWords(batches[1])).toEqual(['address flush dev teredo', 'link set dev teredo down']);
    expect(batches).toHaveLength(2);
  });

  it('goes down before it takes another address', async () => {
    const batches: (readonly IpCommand[])[] = [];
    const device = await tunnel(async (commands) => void batches.push(commands));
    await device.carry(firstPlan);
    await device.carry(secondPlan);
    const commands = lastWords(batches[1])!;
    expect(commands.indexOf('link set dev teredo down')).toBeLessThan(
      commands.indexOf('address add 2001:0:c000:201:1111:efff:34ff:8ef8/32 dev teredo nodad'),
    );
  });

  it('skips what was overtaken while a change was made', async () => {
    const runner = new HeldRunner();
    const device = await tunnel(runner.run);
    const up = device.carry(firstPlan);
    await Promise.resolve();
    await Promise.resolve();
    const down = device.clear();
    const upAgain = device.carry(secondPlan);
    await runner.finishOne();
    await up;
    await runner.finishOne();
    await Promise.all([down, upAgain]);
    expect(runner.batches).toHaveLength(2);
    expect(lastWords(runner.batches[1])).toContain(
      'address add 2001:0:c000:201:1111:efff:34ff:8ef8/32 dev teredo nodad',
    );
  });

  it('rejects with `interface-gone` when another program removed it before the first commands', async () => {
    const runIp = async () => {
      throw new NavalisError('command-failed', 'Cannot find device.');
    };
    const context = await new FakeMachine().context();
    const device = new TunnelInterface('teredo', { ...context, runIp }, () => undefined);
    await expect(device.carry(firstPlan)).rejects.toMatchObject({ code: 'interface-gone' });
  });

  it('says when it cannot be changed, but not while it goes away', async () => {
    const fail = async () => {
      throw new NavalisError('command-failed', 'No.');
    };
    await expect((await tunnel(fail)).carry(firstPlan)).rejects.toThrow('No.');
    const runner = new HeldRunner();
    const device = await tunnel((commands) => runner.run(commands).then(fail));
    const up = device.carry(firstPlan);
    await Promise.resolve();
    await Promise.resolve();
    const closed = device.close();
    await runner.finishOne();
    await expect(Promise.all([up, closed])).resolves.toBeDefined();
  });
});

describe('an interface on a kernel without routes for single sources', () => {
  it('has the others, says so once, and is not called incomplete', async () => {
    const machine = new FakeMachine();
    const batches: string[][] = [];
    const runIp: IpRunner = async (commands) => {
      batches.push(lastWords(commands)!);
      const at = commands.findIndex((command) => command.includes('from'));
      if (at >= 0) {
        const reason = 'Error: Specifying source address requires IPV6_SUBTREES to be enabled.';
        throw commandFailed(commands, `${reason}\nCommand failed -:${at + 1}\n`);
      }
    };
    const device = new TunnelInterface('teredo', { ...(await machine.context()), runIp }, () => undefined);
    await device.carry(firstPlan);
    await device.carry(secondPlan);
    await device.close();
    expect(batches[1]!.slice(0, 2)).toEqual(['address flush dev teredo', 'link set dev teredo down']);
    expect(batches[1]!.at(-1)).toBe('route add default dev teredo metric 1000000');
    expect(batches[2]!.filter((command) => command.includes('from'))).toEqual([]);
    expect(batches).toHaveLength(3);
    expect(machine.log.filter((each) => each.includes('CONFIG_IPV6_SUBTREES'))).toHaveLength(1);
  });
});

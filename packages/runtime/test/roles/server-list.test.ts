import { parseIpv4 } from '@navalis/address';
import { type ClientConfiguration, loadConfiguration } from '@navalis/config';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClientControl } from '../../src/roles/client/client-control.ts';
import { FakeMachine, hostWith } from '../fakes.ts';

const hour = 3_600_000;
const first = parseIpv4('8.8.8.8')!;
const second = parseIpv4('9.9.9.8')!;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function configurationOf(server: readonly string[]): ClientConfiguration {
  const all = { server, 'bind-address': '198.51.100.7' };
  const raw = new Map(
    Object.entries<string | readonly string[]>(all).map(([key, value]) => [key, { value, source: 'flag' as const }]),
  );
  return loadConfiguration('client', { config: '/dev/null', values: raw }) as ClientConfiguration;
}

async function createClient(machine: FakeMachine, ...server: readonly string[]): Promise<ClientControl> {
  machine.host = hostWith();
  return new ClientControl(configurationOf(server), await machine.context());
}

async function clientOf(machine: FakeMachine, ...server: readonly string[]) {
  const control = await createClient(machine, ...server);
  await control.start();
  const [dataPlane] = machine.dataPlanes;
  return { control, dataPlane: dataPlane!, updates: dataPlane!.updates };
}

async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

function countLookUps(machine: FakeMachine): { count: number } {
  const lookUps = { count: 0 };
  machine.lookUpName = async () => {
    lookUps.count++;
    return ['8.8.8.8'];
  };
  return lookUps;
}

function serversUpdate(...primaries: readonly number[]) {
  const servers = primaries.map((primary) => expect.objectContaining({ primary, secondary: primary + 1 }));
  return { kind: 'servers', servers, unreachable: [] };
}

describe('the servers of a client', () => {
  it('[SEC-32] are looked up each hour; a new address is logged and used, and status shows it', async () => {
    const machine = new FakeMachine();
    const { control, dataPlane, updates } = await clientOf(machine, 'teredo.example');
    dataPlane.current = { ...dataPlane.current, server: first };
    expect(await control.status()).toMatchObject({ serverName: 'teredo.example', server: '8.8.8.8' });
    await pass(hour);
    expect(updates).toEqual([]);

    machine.lookUpName = async () => ['9.9.9.8'];
    await pass(hour);
    expect(updates).toEqual([serversUpdate(second)]);
    expect(machine.log.at(-1)).toBe(
      'Server teredo.example has moved: it resolves to 9.9.9.8, and resolved to 8.8.8.8 before.',
    );
    dataPlane.current = { ...dataPlane.current, server: second };
    expect(await control.status()).toMatchObject({ serverName: 'teredo.example', server: '9.9.9.8' });
  });

  it('keep an address that the name still has among others, in any order', async () => {
    const machine = new FakeMachine();
    machine.lookUpName = async () => ['8.8.8.8', '9.9.9.8'];
    const { updates } = await clientOf(machine, 'teredo.example');
    machine.lookUpName = async () => ['9.9.9.8', '8.8.8.8'];
    await pass(hour);
    expect(updates).toEqual([]);
  });

  it('[CL-C-14] keep the one in use while the name has another known address, and not after it was lost', async () => {
    const machine = new FakeMachine();
    machine.lookUpName = async () => ['8.8.8.8', '9.9.9.8'];
    const { dataPlane, updates } = await clientOf(machine, 'teredo.example');
    const address = { word0: 0x20010000, word1: second, word2: 0, word3: 0 };
    const mapped = { address: first, port: 1 };
    dataPlane.observer.event({ kind: 'address-assigned', address, mapped, server: second, nat: 'none', mtu: 1280 });
    machine.lookUpName = async () => ['8.8.8.8'];
    await pass(hour);
    expect(updates).toEqual([]);
    dataPlane.observer.event({ kind: 'address-lost', address });
    await pass(hour);
    expect(updates).toEqual([serversUpdate(first)]);
  });

  it('[CL-C-14][SEC-32] keep the one in use when a name server returns other ones each time, and tell each address once', async () => {
    const machine = new FakeMachine();
    machine.lookUpName = async () => ['8.8.8.8'];
    const { dataPlane } = await clientOf(machine, 'teredo.example');
    const address = { word0: 0x20010000, word1: second, word2: 0, word3: 0 };
    const mapped = { address: first, port: 1 };
    const use = (server: number) =>
      dataPlane.observer.event({ kind: 'address-assigned', address, mapped, server, nat: 'none', mtu: 1280 });
    const moves = () => machine.log.filter((line) => line.includes('has moved'));
    const primaries = () =>
      (dataPlane.updates.at(-1) as { servers: { primary: number }[] }).servers.map((each) => each.primary);
    use(first);
    machine.lookUpName = async () => ['9.9.9.8'];
    await pass(hour);
    expect(primaries()).toEqual([second]);
    use(second);
    // Each answer has one of the two.
    for (let round = 0; round < 3; round++) {
      machine.lookUpName = async () => [round % 2 === 0 ? '8.8.8.8' : '9.9.9.8'];
      await pass(hour);
      expect(primaries()[0]).toBe(second);
    }
    expect(moves()).toEqual([
      'Server teredo.example has moved: it resolves to 9.9.9.8, and resolved to 8.8.8.8 before.',
    ]);
    // An address that joins them is told, one that leaves is not.
    machine.lookUpName = async () => ['9.9.9.8', '1.1.1.1'];
    await pass(hour);
    expect(moves()[1]).toMatch(/resolves to .*1\.1\.1\.1/);
    machine.lookUpName = async () => ['9.9.9.8'];
    await pass(hour);
    expect(moves()).toHaveLength(2);
    expect(primaries()[0]).toBe(second);
  });

  it('[CL-C-14] include that of the last run, of a name with many addresses', async () => {
    const many = Array.from({ length: 100 }, (_, index) => `8.8.${index}.8`);
    const machine = new FakeMachine();
    machine.lookUpName = async () => many;
    const context = await machine.context();
    machine.host = hostWith();
    const { stateDirectory, interfaceName } = configurationOf(['teredo.example']);
    const path = `${stateDirectory}/client-${interfaceName}.json`;
    context.stateFiles.write(path, { port: 4096, address: '2001:0:808:4208::' });
    await new ClientControl(configurationOf(['teredo.example']), context).start();
    const { engine } = machine.dataPlanes[0]!.settings as { engine: { servers: readonly { primary: number }[] } };
    expect(engine.servers).toHaveLength(8);
    expect(engine.servers[0]).toMatchObject({ primary: parseIpv4('8.8.66.8') });
  });

  it('ignore the result of a look-up that ends after the client', async () => {
    for (const outcome of ['found', 'failed'] as const) {
      const machine = new FakeMachine();
      const { control, dataPlane, updates } = await clientOf(machine, 'teredo.example');
      let end: () => void = () => undefined;
      machine.lookUpName = () =>
        new Promise((resolve, reject) => {
          end = () => (outcome === 'found' ? resolve(['9.9.9.8']) : reject(new Error('no name server')));
        });
      await pass(hour);
      await control.stop();
      const told = machine.log.length;
      end();
      await pass(1_000);
      expect(machine.log.slice(told)).toEqual([]);
      expect(updates).toEqual([]);
      expect(dataPlane.isStopped).toBe(true);
    }
  });

  it('keep their addresses while the name does not resolve', async () => {
    const machine = new FakeMachine();
    const { updates } = await clientOf(machine, 'teredo.example');
    machine.lookUpName = () => Promise.reject(new Error('no name server'));
    await pass(hour);
    expect(updates).toEqual([]);
  });

  it('of a reload are looked up each 5 s until they resolve, and not once the client stops', async () => {
    const machine = new FakeMachine();
    const { control, updates } = await clientOf(machine, '8.8.8.8');
    const lookUps: number[] = [];
    let answer: readonly string[] = [];
    machine.lookUpName = async () => {
      lookUps.push(performance.now());
      if (answer.length === 0) throw new Error('ENOTFOUND');
      return answer;
    };
    control.reconfigured(configurationOf(['teredo.example']));
    await pass(14_000);
    expect(lookUps.map((at) => Math.round((at - lookUps[0]!) / 1_000))).toEqual([0, 5, 10]);
    expect(machine.log.filter((line) => line.startsWith('Keeping the present servers: '))).toHaveLength(1);
    answer = ['9.9.9.8'];
    await pass(2_000);
    expect(updates).toEqual([serversUpdate(second)]);
    await pass(60_000);
    expect(lookUps).toHaveLength(4);

    answer = [];
    control.reconfigured(configurationOf(['other.example']));
    await pass(6_000);
    expect(lookUps).toHaveLength(6);
    await control.stop();
    await pass(60_000);
    expect(lookUps).toHaveLength(6);
    expect(machine.log.some((line) => line.includes('has moved'))).toBe(false);
  });

  it('[RT-05] of a reload behind another uplink make the engine use the local address towards them', async () => {
    const machine = new FakeMachine();
    const { control, dataPlane, updates } = await clientOf(machine, '8.8.8.8');
    const [one, other] = [parseIpv4('198.51.100.7')!, parseIpv4('203.0.113.5')!];
    machine.routeTo = (server) => (server === second ? other : one);
    control.reconfigured(configurationOf(['9.9.9.8']));
    await pass(100);
    const local = { address: other, port: 40_000 };
    expect(updates).toEqual([serversUpdate(second), { kind: 'network-changed', local, unreachable: [] }]);
    dataPlane.current = { ...dataPlane.current, server: second };
    expect(await control.status()).toMatchObject({ local: { address: '203.0.113.5', port: 40_000 } });
    control.reconfigured(configurationOf(['9.9.9.8', '8.8.8.8']));
    await pass(100);
    expect(updates.slice(2)).toEqual([serversUpdate(second, first)]);
  });

  it('stay when the name resolves to an address that no server can have, which is logged', async () => {
    const machine = new FakeMachine();
    const { updates } = await clientOf(machine, 'teredo.example');
    machine.lookUpName = async () => ['10.0.0.1'];
    await pass(hour);
    expect(updates).toEqual([]);
    expect(machine.log.at(-1)).toMatch(/^Keeping the present servers: .*10\.0\.0\.1/);
  });

  it('[SEC-32] are looked up after a sleep and in a new network, but at most once a minute', async () => {
    const machine = new FakeMachine();
    const lookUps = countLookUps(machine);
    const { control } = await clientOf(machine, 'teredo.example');
    const occasions = [
      () => control.resumed(600_000),
      () => control.hostChanged({ ipv4: [], ipv6: [], ipv4Gateways: [], ipv6Exits: [] }),
    ];
    for (const [index, occasion] of occasions.entries()) {
      await pass(60_000);
      occasion();
      await pass(1);
      expect(lookUps.count).toBe(2 + index);
    }
    await pass(59_000);
    control.resumed(600_000);
    await pass(1);
    expect(lookUps.count).toBe(3);
  });

  it('[CL-C-12][SEC-32] are looked up at each retry of a client that is off-line, 5 s apart at least', async () => {
    const machine = new FakeMachine();
    const lookUps = countLookUps(machine);
    const { dataPlane, updates } = await clientOf(machine, 'teredo.example');
    const fail = () =>
      dataPlane.observer.event({ kind: 'off-line', reason: 'server-silent', server: first, retryInMs: 1_000 });
    const retry = () => dataPlane.observer.event({ kind: 'qualification-started', server: first });
    // The one at the start was a moment ago.
    retry();
    await pass(4_999);
    expect(lookUps.count).toBe(1);
    await pass(1);
    fail();
    await pass(1_000);
    retry();
    await pass(4_000);
    expect(lookUps.count).toBe(2);
    expect(updates).toEqual([]);
    machine.lookUpName = async () => ['9.9.9.8', '8.8.8.8'];
    retry();
    await pass(1);
    expect(updates).toEqual([serversUpdate(first, second)]);
    expect(machine.log.at(-1)).toBe(
      'Server teredo.example has moved: it resolves to 8.8.8.8, 9.9.9.8, and resolved to 8.8.8.8 before.',
    );
  });

  it('are looked up one after the other, also by a slow name server', async () => {
    const machine = new FakeMachine();
    const { dataPlane } = await clientOf(machine, 'teredo.example');
    let open = 0;
    machine.lookUpName = async () => {
      open++;
      return new Promise(() => undefined);
    };
    for (let retry = 0; retry < 5; retry++) {
      await pass(10_000);
      dataPlane.observer.event({ kind: 'qualification-started', server: first });
    }
    expect(open).toBe(1);
  });

  it('that may not be servers are reported once, not at each retry', async () => {
    const machine = new FakeMachine();
    const { dataPlane } = await clientOf(machine, 'teredo.example');
    machine.lookUpName = async () => ['10.0.0.1'];
    for (let retry = 0; retry < 5; retry++) {
      await pass(10_000);
      dataPlane.observer.event({ kind: 'qualification-started', server: first });
    }
    await pass(1);
    expect(machine.log.filter((line) => line.includes('Keeping the present servers'))).toHaveLength(1);
  });

  it('[CL-C-12] are all addresses of a name, in order, for the engine and for status', async () => {
    const machine = new FakeMachine();
    machine.lookUpName = async () => ['8.8.8.8', '9.9.9.8'];
    const { control, dataPlane } = await clientOf(machine, 'teredo.example');
    expect(dataPlane.settings.engine).toMatchObject({ servers: serversUpdate(first, second).servers });
    dataPlane.current = { ...dataPlane.current, server: second };
    expect(await control.status()).toMatchObject({ serverName: 'teredo.example', server: '9.9.9.8' });
  });

  it('[SEC-32] only changes of the others are reported, and one that finally resolves is used', async () => {
    const machine = new FakeMachine();
    machine.lookUpName = async (name) => {
      if (name === 'late.example') throw new Error('no name server');
      return ['8.8.8.8'];
    };
    const { updates } = await clientOf(machine, 'late.example', 'teredo.example');
    machine.lookUpName = async (name) => [name === 'late.example' ? '9.9.9.8' : '8.8.8.8'];
    await pass(hour);
    expect(updates).toEqual([serversUpdate(second, first)]);
    expect(machine.log.filter((line) => line.includes('has moved'))).toEqual([
      'Server late.example has moved: it resolves to 9.9.9.8.',
    ]);
  });

  it('given as addresses are never looked up and have no name', async () => {
    const machine = new FakeMachine();
    machine.lookUpName = () => Promise.reject(new Error('must not be asked'));
    const { control, dataPlane } = await clientOf(machine, '8.8.8.8');
    dataPlane.current = { ...dataPlane.current, server: first };
    expect(await control.status()).not.toHaveProperty('serverName');
    // Both follow the routes.
    expect(vi.getTimerCount()).toBe(2);
  });

  it('[CL-U-11] are not mentioned any more when the client stops during the first look-up', async () => {
    const machine = new FakeMachine();
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    machine.lookUpName = async (name) => {
      await answered;
      if (name === 'a.example') return ['8.8.8.8'];
      throw Object.assign(new Error('no'), { code: 'ENOTFOUND' });
    };
    const control = await createClient(machine, 'a.example', 'b.example');
    const started = control.start();
    await pass(1);
    await control.stop();
    answer();
    await started;
    await pass(1);
    expect(machine.log).toEqual([]);
    expect(machine.dataPlanes).toEqual([]);
  });

  it('[CL-U-11] are not looked up any more once the client stops', async () => {
    const machine = new FakeMachine();
    const { control } = await clientOf(machine, 'teredo.example');
    await control.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a client whose host slept', () => {
  it('tells its engine, also in a new network', async () => {
    const machine = new FakeMachine();
    const { control, updates } = await clientOf(machine, '8.8.8.8');
    control.resumed(600_000);
    control.hostChanged({ ipv4: [], ipv6: [], ipv4Gateways: [], ipv6Exits: [] });
    await control.status();
    const local = { address: parseIpv4('198.51.100.7'), port: 40_000 };
    expect(updates).toEqual([
      { kind: 'resumed', sleptMs: 600_000 },
      { kind: 'network-changed', local, unreachable: [] },
    ]);
  });

  it('tells its engine about another gateway, but not without a change', async () => {
    const machine = new FakeMachine();
    const { control, updates } = await clientOf(machine, '8.8.8.8');
    control.hostChanged(hostWith('fe80::1'));
    await control.status();
    expect(updates).toEqual([]);
    control.hostChanged({ ...hostWith(), ipv4Gateways: ['eth0 02C86433'] });
    await control.status();
    expect(updates).toMatchObject([{ kind: 'network-changed' }]);
  });
});

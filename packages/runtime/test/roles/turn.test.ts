import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseIpv4, parseIpv6 } from '@navalis/address';
import { type ClientConfiguration, loadConfiguration } from '@navalis/config';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ClientControl } from '../../src/roles/client/client-control.ts';
import { StreamBridge } from '../../src/roles/client/turn/stream-bridge.ts';
import { framed, StreamFrames } from '../../src/roles/client/turn/stream-frames.ts';
import { TurnFollower } from '../../src/roles/client/turn/turn-follower.ts';
import { hostTime } from '../../src/scheduling/time.ts';
import { FakeMachine, hostWith } from '../fakes.ts';

function credentialsFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'navalis-turn-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'credentials');
  writeFileSync(file, 'alice:secret\n', { mode: 0o600 });
  return file;
}

function configured(use: string, turn = 'turn:198.51.100.40', others: Record<string, unknown> = {}) {
  const all = { server: '8.8.8.8', turn, 'turn-credentials': credentialsFile(), 'turn-use': use, ...others };
  const raw = new Map(Object.entries(all).map(([key, value]) => [key, { value, source: 'flag' as const }]));
  return loadConfiguration('client', { config: '/dev/null', values: raw }) as ClientConfiguration;
}

async function clientWith(
  configuration: ClientConfiguration,
  lookUp: Readonly<Record<string, readonly string[]>> = {},
) {
  const machine = new FakeMachine();
  machine.host = hostWith();
  machine.lookUpName = async (name) => lookUp[name] ?? Promise.reject(new Error('unknown'));
  const control = new ClientControl(configuration, await machine.context());
  await control.start();
  onTestFinished(() => control.stop());
  return { machine, control };
}

const symmetric = { kind: 'off-line', reason: 'symmetric', server: 0x08080808, retryInMs: 1_000 } as const;

const symmetricAddress = {
  kind: 'address-assigned',
  address: parseIpv6('2001:0:808:808:0:1:34ff:8ef4')!,
  server: 0x08080808,
  mapped: { address: parseIpv4('203.0.113.11')!, port: 25_031 },
  nat: 'symmetric',
  mtu: 1280,
} as const;

describe('a client and its TURN servers', () => {
  it('[TU-16] always: the engine is told the servers and the credentials', async () => {
    const { machine } = await clientWith(configured('always', 'turn:turn.example:5000'), {
      'turn.example': ['198.51.100.40', '198.51.100.41'],
    });
    expect(machine.dataPlanes[0]!.settings.engine).toMatchObject({
      turn: {
        servers: [
          { endpoint: { address: parseIpv4('198.51.100.40'), port: 5000 }, transport: 'udp' },
          { endpoint: { address: parseIpv4('198.51.100.41'), port: 5000 }, transport: 'udp' },
        ],
        credentials: { username: 'alice', password: 'secret' },
      },
    });
  });

  it('[TU-16] waits while no name of a TURN server resolves', async () => {
    const { machine, control } = await clientWith(configured('always', 'turn:turn.example'));
    expect(await control.status()).toMatchObject({
      state: 'waiting',
      waitingFor: 'server-name',
      evidence: 'turn.example',
    });
    expect(machine.log.join('\n')).toContain('TURN server name turn.example does not resolve');
  });

  it('[TU-16] over TCP the engine is told an adapter on the loopback interface', async () => {
    const { machine } = await clientWith(configured('always', 'turn:198.51.100.40?transport=tcp'));
    expect(machine.dataPlanes[0]!.settings.engine).toMatchObject({
      turn: {
        servers: [
          {
            endpoint: { address: parseIpv4('198.51.100.40'), port: 3478 },
            transport: 'tcp',
            adapter: { address: parseIpv4('127.0.0.1') },
          },
        ],
      },
    });
  });

  it('[TU-17] fallback: begins without, and begins again with them behind a symmetric NAT', async () => {
    const { machine, control } = await clientWith(configured('fallback'));
    expect(machine.dataPlanes[0]!.settings.engine).toMatchObject({ turn: undefined });
    machine.dataPlanes[0]!.observer.event(symmetric);
    for (let turn = 0; turn < 20; turn++) await control.status();
    expect(machine.dataPlanes[0]!.isStopped).toBe(true);
    expect(machine.dataPlanes[1]!.settings.engine).toMatchObject({ turn: { servers: [{ transport: 'udp' }] } });
    expect(machine.log).toContain('No peer gets through to this host directly: using a TURN server.');
  });

  it('[TU-17][TU-19] fallback: begins again without when all servers fail, and status says why', async () => {
    const { machine, control } = await clientWith(configured('fallback'));
    machine.dataPlanes[0]!.observer.event(symmetricAddress);
    for (let turn = 0; turn < 20; turn++) await control.status();
    const server = { address: parseIpv4('198.51.100.40')!, port: 3478 };
    const failed = { kind: 'turn-failed', server, transport: 'udp', reason: 'wrong-credentials' } as const;
    machine.dataPlanes[1]!.observer.event({ ...failed, retryInMs: 0 });
    for (let turn = 0; turn < 20; turn++) await control.status();
    expect(machine.dataPlanes).toHaveLength(2);
    machine.dataPlanes[1]!.observer.event({ ...failed, retryInMs: 30_000 });
    for (let turn = 0; turn < 20; turn++) await control.status();
    expect(machine.dataPlanes[2]!.settings.engine).toMatchObject({ turn: undefined });
    machine.dataPlanes[2]!.observer.event(symmetricAddress);
    for (let turn = 0; turn < 20; turn++) await control.status();
    expect(machine.dataPlanes).toHaveLength(3);
    expect((await control.status()).turn).toEqual({
      server: { address: '198.51.100.40', port: 3478 },
      transport: 'udp',
      failure: 'wrong-credentials',
    });
    expect(machine.log.slice(-3, -1)).toEqual([
      expect.stringMatching(/refuses the user name or the password.* Trying again later\.$/),
      'Continuing without a TURN server for at least 60 s.',
    ]);
  });

  it('[TU-17] fallback: begins again without when no name of a server resolves', async () => {
    const { machine, control } = await clientWith(configured('fallback', 'turn:turn.example'));
    machine.dataPlanes[0]!.observer.event(symmetricAddress);
    for (let turn = 0; turn < 20; turn++) await control.status();
    expect(machine.dataPlanes).toHaveLength(2);
    expect(machine.dataPlanes[1]!.settings.engine).toMatchObject({ turn: undefined });
    expect(machine.log.join('\n')).toContain('No connection to TURN server turn.example: the name does not resolve.');
  });

  it('[TU-17] fallback: another network is tried without', async () => {
    const { machine, control } = await clientWith(configured('fallback'));
    machine.dataPlanes[0]!.observer.event(symmetric);
    for (let turn = 0; turn < 20; turn++) await control.status();
    const other = { ...machine.host, ipv4Gateways: ['eth0 0102A8C0'] };
    machine.host = other;
    control.hostChanged(other);
    for (let turn = 0; turn < 20; turn++) await control.status();
    expect(machine.dataPlanes).toHaveLength(3);
    expect(machine.dataPlanes[2]!.settings.engine).toMatchObject({ turn: undefined });
  });

  it('[TU-17] off: the servers are not used', async () => {
    const { machine } = await clientWith(configured('off'));
    machine.dataPlanes[0]!.observer.event(symmetric);
    expect(machine.dataPlanes).toHaveLength(1);
  });

  it('[TU-19] status names the server, what it relays, and why it does not', async () => {
    const { machine, control } = await clientWith(configured('always'));
    const server = { address: parseIpv4('198.51.100.40')!, port: 3478 };
    const relayed = { address: parseIpv4('198.51.100.40')!, port: 50_000 };
    const [dataPlane] = machine.dataPlanes;
    dataPlane!.current = { ...dataPlane!.current, turn: { server, transport: 'udp', relayed, failure: undefined } };
    expect((await control.status()).turn).toEqual({
      server: { address: '198.51.100.40', port: 3478 },
      transport: 'udp',
      relayed: { address: '198.51.100.40', port: 50_000 },
    });
    const turn = { server, transport: 'tls', relayed: undefined, failure: 'quota-reached' } as const;
    dataPlane!.current = { ...dataPlane!.current, turn };
    expect((await control.status()).turn).toMatchObject({ transport: 'tls', failure: 'quota-reached' });
  });
});

describe('the names of TURN servers', () => {
  const failed = { kind: 'turn-failed', server: { address: 1, port: 2 }, transport: 'udp', reason: 'silent' } as const;
  const settled = () => new Promise((resolve) => setTimeout(resolve, 20));
  const serverAt = (text: string) => ({ endpoint: { address: parseIpv4(text), port: 3478 }, transport: 'udp' });

  /** A client whose name server gives these answers in turn, 6 s apart. */
  async function lookingUp(...answers: (readonly string[] | undefined)[]) {
    let asked = 0;
    const machine = new FakeMachine();
    machine.host = hostWith();
    machine.lookUpName = async () =>
      answers[Math.min(asked++, answers.length - 1)] ?? Promise.reject(new Error('mute'));
    let now = 0;
    const context = await machine.context();
    const control = new ClientControl(configured('always', 'turn:turn.example'), {
      ...context,
      time: { ...context.time, now: () => now },
    });
    await control.start();
    onTestFinished(() => control.stop());
    const [dataPlane] = machine.dataPlanes;
    const fail = async (retryInMs: number, afterMs = 6_000) => {
      now += afterMs;
      dataPlane!.observer.event({ ...failed, retryInMs });
      await settled();
    };
    return { machine, updates: dataPlane!.updates, fail, lookUps: () => asked };
  }

  it('[TU-22] are looked up again when all servers failed; the engine is told all addresses, known ones first', async () => {
    const { machine, updates, fail } = await lookingUp(['198.51.100.40'], ['198.51.100.41', '198.51.100.40']);
    await fail(1_000);
    expect(updates).toEqual([
      { kind: 'turn-servers', servers: [serverAt('198.51.100.40'), serverAt('198.51.100.41')] },
    ]);
    expect(machine.log).toContain('TURN server turn.example has moved: it resolves to 198.51.100.40, 198.51.100.41.');
    await fail(1_000);
    expect(updates).toHaveLength(1);
  });

  it('[TU-22] are not looked up while another server is asked, nor twice in 5 s', async () => {
    const { fail, lookUps } = await lookingUp(['198.51.100.40']);
    await fail(0);
    expect(lookUps()).toBe(1);
    await fail(1_000);
    await fail(1_000, 4_999);
    expect(lookUps()).toBe(2);
    await fail(1_000, 1);
    expect(lookUps()).toBe(3);
  });

  it('[TU-22] keep their addresses while no name server answers', async () => {
    const { updates, fail } = await lookingUp(['198.51.100.40'], undefined, ['198.51.100.41']);
    await fail(1_000);
    expect(updates).toEqual([]);
    await fail(1_000);
    expect(updates).toEqual([{ kind: 'turn-servers', servers: [serverAt('198.51.100.41')] }]);
  });
});

describe('the check of the direct way', () => {
  it('[TU-17] comes 5 min after the change, and leads back', async () => {
    const timers: (() => void)[] = [];
    let now = 0;
    let changes = 0;
    const after = (_: number, due: () => void) => {
      timers.push(due);
      return () => undefined;
    };
    const time = { now: () => now, after };
    const context = { time, logger: { info: () => undefined }, checkDirectWay: async () => true } as never;
    const follower = new TurnFollower(configured('fallback'), context, () => {
      changes++;
    });
    follower.follow(symmetric);
    expect(follower.servers).toBeDefined();
    now = 300_000;
    timers.at(-1)!();
    await Promise.resolve();
    await Promise.resolve();
    expect(follower.servers).toBeUndefined();
    expect(changes).toBe(2);
  });

  it('[TU-17] asks the Teredo servers that the last reload named', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const machine = new FakeMachine();
    machine.host = hostWith();
    const asked: string[] = [];
    const checkDirectWay = async ({ servers }: ClientConfiguration) => {
      asked.push(...servers.map(({ name }) => name));
      return false;
    };
    const file = { 'turn-credentials': credentialsFile() };
    const control = new ClientControl(configured('fallback', undefined, file), {
      ...(await machine.context()),
      checkDirectWay,
    });
    await control.start();
    machine.dataPlanes[0]!.observer.event(symmetric);
    await vi.advanceTimersByTimeAsync(1_000);
    control.reconfigured(configured('fallback', undefined, { ...file, server: '8.8.4.4' }));
    await vi.advanceTimersByTimeAsync(310_000);
    expect(asked).toEqual(['8.8.4.4']);
    await control.stop();
  });
});

describe('messages in a stream', () => {
  const stun = Buffer.from([0, 1, 0, 4, ...new Array(20).fill(7)]);
  const data = Buffer.from([0x40, 0, 0, 5, 1, 2, 3, 4, 5]);

  it('[TU-16] are padded to 4 octets, and cut out again, however the stream comes', () => {
    const stream = Buffer.concat([stun, framed(data), framed(data), stun]);
    expect(framed(data)).toHaveLength(12);
    for (const step of [1, 2, 3, 5, 7, 11, stream.length]) {
      const frames = new StreamFrames();
      const seen: Buffer[] = [];
      for (let at = 0; at < stream.length; at += step) seen.push(...frames.add(stream.subarray(at, at + step))!);
      expect(seen).toEqual([stun, data, data, stun]);
    }
  });

  it('[TU-16] a stream of something else is refused', () => {
    expect(new StreamFrames().add(Buffer.from('HTTP/1.1 400 Bad Request'))).toEqual([]);
    expect(new StreamFrames().add(Buffer.from([0x80, 0, 0, 0]))).toBeUndefined();
  });
});

describe('the adapter for streams', () => {
  async function adapted(handle: (socket: Socket) => void) {
    const server = createServer(handle).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const failures: string[] = [];
    const bridge = await StreamBridge.open(
      { transport: 'tcp', address: '127.0.0.1', port, name: '127.0.0.1' },
      hostTime,
      (reason) => failures.push(reason),
    );
    const client = createSocket('udp4').bind(0, '127.0.0.1');
    onTestFinished(() => {
      bridge.close();
      client.close();
      server.close();
    });
    return { bridge, client, server, failures };
  }

  it('[TU-16] carries messages both ways, with a connection for each port', async () => {
    let connections = 0;
    const { bridge, client } = await adapted((socket) => {
      connections++;
      socket.pipe(socket);
    });
    const data = Buffer.from([0x40, 0, 0, 2, 1, 2]);
    client.send(data, bridge.endpoint.port, '127.0.0.1');
    const [answer] = (await once(client, 'message')) as [Buffer];
    expect(answer).toEqual(data);
    const other = createSocket('udp4');
    onTestFinished(() => void other.close());
    other.send(data, bridge.endpoint.port, '127.0.0.1');
    await once(other, 'message');
    expect(connections).toBe(2);
  });

  it('[TU-16] tells why there is no connection', async () => {
    const { bridge, client, server, failures } = await adapted((socket) => void socket.destroy());
    server.close();
    await once(server, 'close').catch(() => undefined);
    client.send(Buffer.from([0x40, 0, 0, 0]), bridge.endpoint.port, '127.0.0.1');
    while (failures.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(failures[0]).toMatch(/ECONNREFUSED/);
  });

  it('[TU-16] a server that sends something else is left', async () => {
    const { bridge, client, failures } = await adapted((socket) => void socket.write(Buffer.alloc(8, 0xff)));
    client.send(Buffer.from([0x40, 0, 0, 0]), bridge.endpoint.port, '127.0.0.1');
    while (failures.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(failures).toEqual(['the other side is no TURN server']);
  });
});

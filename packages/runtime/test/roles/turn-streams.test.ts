import { spawn } from 'node:child_process';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isOwnUdpEndpoint } from '../../src/host/own-udp-endpoint.ts';
import { OwnSenders } from '../../src/roles/client/turn/own-senders.ts';
import { StreamBridge } from '../../src/roles/client/turn/stream-bridge.ts';
import { hostTime } from '../../src/scheduling/time.ts';

const message = Buffer.from([0x40, 0, 0, 4, 1, 2, 3, 4]);

async function bridgeTo(handle: (socket: Socket) => void): Promise<StreamBridge> {
  const server = createServer(handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const target = { transport: 'tcp', address: '127.0.0.1', port, name: '127.0.0.1' } as const;
  const bridge = await StreamBridge.open(target, hostTime, () => undefined);
  onTestFinished(() => {
    bridge.close();
    server.close();
  });
  return bridge;
}

async function boundAt(address: string): Promise<UdpSocket> {
  const socket = createSocket('udp4').bind(0, address);
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  return socket;
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Another program that sends to a port of this host, and ends. */
async function otherProgramSends(port: number, octets: Buffer): Promise<void> {
  const script = `const s = require('node:dgram').createSocket('udp4');
    s.send(Buffer.from('${octets.toString('hex')}', 'hex'), ${port}, '127.0.0.1', () => setTimeout(() => s.close(), 500));`;
  await once(spawn(process.execPath, ['-e', script], { stdio: 'inherit' }), 'exit');
}

describe('a UDP endpoint', () => {
  it('[TU-21] is of this process if one of its sockets is bound there, or to that port of any address', async () => {
    const [one, any] = [await boundAt('127.0.0.1'), await boundAt('0.0.0.0')];
    expect(isOwnUdpEndpoint('127.0.0.1', one.address().port)).toBe(true);
    expect(isOwnUdpEndpoint('127.0.0.2', one.address().port)).toBe(false);
    expect(isOwnUdpEndpoint('127.0.0.2', any.address().port)).toBe(true);
    expect(isOwnUdpEndpoint('127.0.0.1', 1)).toBe(false);
  });
});

describe('the adapter for streams', () => {
  it('[TU-21] carries nothing of other programs, and counts it', { timeout: 20_000 }, async () => {
    let connections = 0;
    const bridge = await bridgeTo(() => {
      connections++;
    });
    await otherProgramSends(bridge.endpoint.port, message);
    await until(() => bridge.drops['turn-stream-foreign'] > 0);
    expect(bridge.drops).toEqual({ 'turn-stream-foreign': 1, 'turn-stream-full': 0 });
    expect(bridge.isIdle).toBe(true);
    expect(connections).toBe(0);
  });

  it('[TU-21] answers at the address that the data plane is bound to', async () => {
    const bridge = await bridgeTo((socket) => void socket.pipe(socket));
    const client = await boundAt('127.0.0.3');
    client.send(message, bridge.endpoint.port, '127.0.0.1');
    expect((await once(client, 'message'))[0]).toEqual(message);
  });

  it('[TU-21] keeps 1 MiB for a server that does not read, and counts what exceeds it', {
    timeout: 20_000,
  }, async () => {
    const bridge = await bridgeTo((socket) => void socket.pause());
    const client = await boundAt('127.0.0.1');
    const large = Buffer.concat([Buffer.from([0x40, 0, 0xea, 0x60]), Buffer.alloc(60_000)]);
    // The kernel keeps some megabytes, too.
    while (bridge.drops['turn-stream-full'] === 0) {
      client.send(large, bridge.endpoint.port, '127.0.0.1');
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(bridge.drops['turn-stream-foreign']).toBe(0);
  });
});

describe('the senders that an adapter accepts', () => {
  it('[TU-21] are looked up once a second, and 64 times a second at most', () => {
    const asked: number[] = [];
    const senders = new OwnSenders((_, port) => asked.push(port) > 0 && port === 7);
    for (let time = 0; time < 1_000; time += 10) expect(senders.accepts('127.0.0.1', 7, time)).toBe(true);
    expect(asked).toEqual([7]);
    for (let port = 100; port < 300; port++) expect(senders.accepts('127.0.0.1', port, 990)).toBe(false);
    expect(asked).toHaveLength(64);
    // The own one is still known, also without a look-up.
    expect(senders.accepts('127.0.0.1', 7, 999)).toBe(true);
    expect(senders.accepts('127.0.0.1', 7, 1_001)).toBe(true);
    expect(asked).toHaveLength(65);
  });

  it('[TU-21] are no longer those that closed their sockets, and never those at another address of the port', () => {
    let own = '127.0.0.1';
    const senders = new OwnSenders((address) => address === own);
    expect(senders.accepts('127.0.0.1', 7, 0)).toBe(true);
    expect(senders.accepts('127.0.0.2', 7, 0)).toBe(false);
    expect(senders.accepts('127.0.0.1', 7, 0)).toBe(true);
    own = '';
    expect(senders.accepts('127.0.0.1', 7, 1_000)).toBe(false);
  });
});

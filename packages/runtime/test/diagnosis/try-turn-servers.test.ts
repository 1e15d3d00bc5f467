import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { Ipv4Policy, parseIpv4, parseIpv4Prefix } from '@navalis/address';
import { parseTurnUri } from '@navalis/turn';
import { type FakeTurnBehaviour, FakeTurnServer } from '@navalis/turn/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TurnFinding, tryTurnServers } from '../../src/diagnosis/try-turn-servers.ts';
import { hostTime } from '../../src/scheduling/time.ts';

let socket: Socket;
let server: FakeTurnServer;

beforeEach(async () => {
  socket = createSocket('udp4');
  server = new FakeTurnServer({
    toClient: (payload, { port }) => socket.send(payload, port, '127.0.0.1'),
    toPeer: () => undefined,
  });
  socket.on('message', (payload, { port }) =>
    server.receive(payload, { address: parseIpv4('127.0.0.1')!, port }, hostTime.now()),
  );
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
});
afterEach(() => socket.close());

async function outcomeAt(host: string, behaviour: Partial<FakeTurnBehaviour> = {}): Promise<TurnFinding> {
  Object.assign(server.behaviour, behaviour);
  const uri = parseTurnUri(`turn:${host}:${socket.address().port}`)!;
  const [finding] = await tryTurnServers({
    turn: { servers: [uri], credentials: { username: 'alice', password: 'secret' }, use: 'fallback' },
    permitted: [parseIpv4('198.51.100.10')!],
    policy: new Ipv4Policy({ strictness: 'strict', extraGlobal: [parseIpv4Prefix('203.0.113.0/24')!] }),
    lookUpName: async (name) => (name === 'turn.example' ? ['127.0.0.1'] : Promise.reject(new Error('unknown'))),
    time: hostTime,
  });
  return finding!;
}

describe('a trial of TURN servers', () => {
  it('tells the relayed endpoint, and ends the allocation', async () => {
    expect(await outcomeAt('turn.example')).toMatchObject({
      relayed: { address: parseIpv4('203.0.113.10') },
      failure: undefined,
    });
    expect(server.allocations).toEqual([]);
  });

  it.each<[Partial<FakeTurnBehaviour>, TurnFinding['failure']]>([
    [{ credentials: { username: 'alice', password: 'other' } }, 'wrong-credentials'],
    [{ quota: 0 }, 'quota-reached'],
    [{ forbidden: [parseIpv4('198.51.100.10')!] }, 'server-not-permitted'],
  ])('tells why there is no allocation: %j', async (behaviour, failure) => {
    expect(await outcomeAt('127.0.0.1', behaviour)).toMatchObject({ relayed: undefined, failure });
  });

  it('tells a name that does not resolve', async () => {
    expect(await outcomeAt('elsewhere.example')).toMatchObject({ relayed: undefined, failure: 'name-not-resolved' });
  });
});

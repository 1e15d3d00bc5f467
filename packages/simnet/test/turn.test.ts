import { describe, expect, it } from 'vitest';
import {
  type ClientNode,
  forEachSeed,
  type Internet,
  type Ipv6Host,
  internet,
  supportedNatKinds,
  symmetricNatKinds,
} from '../src/index.ts';

/** One host pings the other until it answers; then both send content, which arrives unchanged. */
function exchange(net: Internet, from: Ipv6Host, to: Ipv6Host): void {
  const ping = from.ping(to, 1_000);
  net.until('an answer', () => ping.answeredAt !== undefined, 30_000);
  for (const transfer of [from.transfer(to, 20_000), to.transfer(from, 20_000)]) {
    net.until('the transfer is complete', () => transfer.completedAt !== undefined);
    expect(transfer.isIntact).toBe(true);
  }
}

describe('a client whose service port is an allocation on a TURN server', () => {
  it.each(symmetricNatKinds)('[TU-15] qualifies behind a %s NAT, with the relayed endpoint', (kind) => {
    forEachSeed(4, (seed) => {
      const net = internet({ seed });
      const turn = net.turnServer();
      const client = net.client({ nat: kind, server: net.server(), turn });
      net.until('qualified', () => client.isQualified, 5_000);
      const { mapped, nat, turn: turnStatus } = client.status;
      expect(mapped).toEqual(turn.server.allocations[0]!.relayed);
      expect(nat).toBe('restricted');
      expect(turnStatus).toMatchObject({
        server: turn.options.servers[0]!.endpoint,
        relayed: mapped,
        transport: 'udp',
      });
    });
  });

  it.each(supportedNatKinds)('[TU-15] connects with a client behind a %s NAT, both ways', (kind) => {
    forEachSeed(4, (seed) => {
      const net = internet({ seed });
      const [server, turn] = [net.server(), net.turnServer()];
      const alice = net.client({ nat: symmetricNatKinds[0]!, server, turn });
      const bob = net.client({ nat: kind, server });
      net.until('qualified', () => alice.isQualified && bob.isQualified, 30_000);
      exchange(net, alice, bob);
      expect(alice.status.paths?.counts).toMatchObject({ turn: 1, direct: 0 });
      expect(alice.status.paths?.recent).toMatchObject([{ kind: 'turn' }]);
      expect(bob.status.paths?.counts).toMatchObject({ turn: 0, direct: 1 });
      net.run(60_000);
      exchange(net, bob, alice);
    });
  });

  it('[TU-15] connects with another one, on the same server and on another', () => {
    forEachSeed(4, (seed) => {
      const net = internet({ seed });
      const [server, turn] = [net.server(), net.turnServer()];
      const client = (at = turn): ClientNode => net.client({ nat: 'port-symmetric', server, turn: at });
      const [alice, bob, carol] = [client(), client(), client(net.turnServer())];
      net.until('qualified', () => alice.isQualified && bob.isQualified && carol.isQualified, 30_000);
      exchange(net, alice, bob);
      exchange(net, bob, alice);
      exchange(net, carol, alice);
      exchange(net, bob, carol);
    });
  });

  it('[TU-15] reaches native hosts through a relay, and is reached', () => {
    forEachSeed(4, (seed) => {
      const net = internet({ seed });
      const client = net.client({ nat: 'port-symmetric', server: net.server(), turn: net.turnServer() });
      const native = net.nativeHost({ relay: net.relay() });
      net.until('qualified', () => client.isQualified, 5_000);
      exchange(net, client, native);
      net.run(400_000);
      exchange(net, native, client);
    });
  });

  it('[TU-09] has a new address within 35 s when the server forgets it', () => {
    forEachSeed(10, (seed) => {
      const net = internet({ seed });
      const turn = net.turnServer();
      const client = net.client({ nat: 'port-symmetric', server: net.server(), turn });
      net.until('qualified', () => client.isQualified, 5_000);
      net.run(100_000 + 1_000 * seed);
      const before = client.status.mapped!.port;
      turn.server.restart();
      const took = net.until(
        'another address',
        () => client.status.mapped?.port !== before && client.isQualified,
        40_000,
      );
      expect(took).toBeLessThan(35_000);
    });
  });

  it('[TU-10] is off-line with the reason, and qualifies when that is gone', () => {
    const net = internet();
    const turn = net.turnServer();
    turn.server.behaviour.quota = 0;
    const client = net.client({ nat: 'port-symmetric', server: net.server(), turn });
    net.run(3_000);
    expect(client.status).toMatchObject({ state: 'off-line', turn: { failure: 'quota-reached', relayed: undefined } });
    turn.server.behaviour.quota = 1;
    net.until('qualified', () => client.isQualified, 10_000);
    expect(client.status.turn).toMatchObject({ failure: undefined });
    client.stop();
    net.run(1_000);
    expect(client.status.state).toBe('stopped');
    expect(turn.server.allocations).toEqual([]);
  });

  it('[TU-15] works with 20 % loss', () => {
    forEachSeed(4, (seed) => {
      const net = internet({ seed });
      net.loseShare(0.2);
      const [server, turn] = [net.server(), net.turnServer()];
      const alice = net.client({ nat: 'port-symmetric', server, turn });
      const bob = net.client({ nat: 'port-restricted', server });
      net.until('qualified', () => alice.isQualified && bob.isQualified, 120_000);
      const ping = alice.ping(bob, 1_000);
      net.until('an answer', () => ping.answeredAt !== undefined, 700_000);
    });
  });
});

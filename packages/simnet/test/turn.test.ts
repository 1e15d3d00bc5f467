import { describe, expect, it } from 'vitest';
import {
  type ClientNode,
  forEachSeed,
  type Internet,
  type Ipv6Host,
  internet,
  type NatKind,
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
      // A cone NAT lets the client in without the server (TU-23).
      const [ours, theirs] = kind === 'cone' ? (['turn-direct', 'learned'] as const) : (['turn', 'direct'] as const);
      expect(alice.status.paths?.counts).toMatchObject({ turn: 0, direct: 0, [ours]: 1 });
      expect(alice.status.paths?.recent).toMatchObject([{ kind: ours }]);
      expect(bob.status.paths?.counts).toMatchObject({ turn: 0, direct: 0, [theirs]: 1 });
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
    expect(client.status).toMatchObject({
      state: 'off-line',
      offlineReason: 'turn-unavailable',
      turn: { failure: 'quota-reached', relayed: undefined },
    });
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

describe('peers of a client whose service port is an allocation', () => {
  /** One behind a symmetric NAT with TURN, and one behind another NAT; both have an address. */
  function pairOn(net: Internet, kind: NatKind | undefined) {
    const turn = net.turnServer({ name: 'turn' });
    const nat = net.nat('port-symmetric');
    const alice = net.client({ nat, server: net.server(), turn });
    const bob = net.client({ nat: kind, server: net.server(), portMapping: true });
    net.until('qualified', () => alice.isQualified && bob.isQualified, 30_000);
    return { turn, nat, alice, bob };
  }

  /** Counts what the TURN server sends to one address of the Internet. */
  function relayedTo(net: Internet, address: number): () => number {
    let count = 0;
    net.public.observers.push(({ destinationAddress }, { name }) => {
      if (name === 'turn' && destinationAddress === address) count++;
    });
    return () => count;
  }

  /** One sends requests each second, so many; returns how many were answered. */
  function pings(net: Internet, from: Ipv6Host, to: Ipv6Host, count: number): number {
    let answered = 0;
    for (let sent = 0; sent < count; sent++) {
      from.ping(to, undefined, () => void answered++);
      net.run(1_000);
    }
    return answered;
  }

  it.each<NatKind | undefined>([undefined, 'cone', 'upnp-port-restricted'])(
    '[TU-23][TU-24] leave the relay at once behind a %s NAT, whichever side begins, and again after a silence',
    (kind) => {
      forEachSeed(4, (seed) => {
        for (const isFirst of [true, false]) {
          const net = internet({ seed });
          const { alice, bob } = pairOn(net, kind);
          const [from, to] = isFirst ? [alice, bob] : [bob, alice];
          const relayed = relayedTo(net, bob.status.mapped!.address);
          for (const silenceMs of [45_000, 200_000, 0]) {
            expect(pings(net, from, to, 6)).toBe(6);
            expect([alice.status.paths?.counts['turn-direct'], silenceMs, isFirst]).toEqual([1, silenceMs, isFirst]);
            const before = relayed();
            expect(pings(net, from, to, 60) + pings(net, to, from, 60)).toBe(120);
            exchange(net, from, to);
            expect(relayed()).toBe(before);
            net.run(silenceMs);
          }
        }
      });
    },
  );

  it.each(['port-restricted', 'port-symmetric'] as const)(
    '[TU-25] stay with the relay behind a %s NAT, with a dozen trials in an hour at most',
    (kind) => {
      const net = internet();
      const { nat, alice, bob } = pairOn(net, kind);
      let trials = 0;
      net.public.observers.push(({ destinationAddress }, { name }) => {
        if (name === nat.name && destinationAddress === bob.status.mapped!.address) trials++;
      });
      expect(pings(net, bob, alice, 1_800)).toBeGreaterThan(1_795);
      expect([alice.status.paths?.counts['turn-direct'], trials > 3, trials < 24]).toEqual([0, true, true]);
    },
  );

  it('[TU-23] stay with it when both are relayed', () => {
    const net = internet();
    const [server, turn] = [net.server(), net.turnServer()];
    const [alice, bob] = [1, 2].map(() => net.client({ nat: 'port-symmetric', server, turn })) as [
      ClientNode,
      ClientNode,
    ];
    net.until('qualified', () => alice.isQualified && bob.isQualified, 30_000);
    exchange(net, alice, bob);
    expect(pings(net, alice, bob, 60) + pings(net, bob, alice, 60)).toBe(120);
    expect([alice, bob].map(({ status }) => status.paths?.counts['turn-direct'])).toEqual([0, 0]);
  });

  it.each([
    ['6 s, where it sends', true, 54],
    ['45 s, where its peer sends', false, 15],
  ])(
    '[TU-26] return to it within %s when the direct path dies, and leave it when the path is back',
    (_, isFirst, least) => {
      forEachSeed(4, (seed) => {
        const net = internet({ seed });
        const { nat, alice, bob } = pairOn(net, 'cone');
        const [from, to] = isFirst ? [alice, bob] : [bob, alice];
        expect(pings(net, from, to, 3)).toBe(3);
        const ends = [nat.addresses[0]!, bob.status.mapped!.address];
        net.public.loses = ({ sourceAddress, destinationAddress }) =>
          ends.includes(sourceAddress) && ends.includes(destinationAddress);
        expect(pings(net, from, to, 60)).toBeGreaterThanOrEqual(least);
        expect(alice.status.paths?.counts['turn-direct']).toBe(0);
        net.public.loses = () => false;
        expect(pings(net, from, to, 200)).toBe(200);
        expect(alice.status.paths?.counts['turn-direct']).toBe(1);
      });
    },
  );

  it('[TU-26] return to it when the NAT forgets the plain port, and leave it again', () => {
    const net = internet();
    const { nat, alice, bob } = pairOn(net, 'cone');
    expect(pings(net, alice, bob, 3)).toBe(3);
    nat.reboot();
    net.until('another address', () => alice.isQualified && alice.status.paths?.counts['turn-direct'] === 0, 40_000);
    expect(pings(net, alice, bob, 10)).toBeGreaterThanOrEqual(6);
    expect(alice.status.paths?.counts['turn-direct']).toBe(1);
  });
});

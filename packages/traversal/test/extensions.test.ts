import { type Ipv4Endpoint, parseIpv4 } from '@navalis/address';
import { type BubbleTrailers, trailerTypes } from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import { allExtensions, missingExtension, noExtensions, type PeerIndex, pathKinds } from '../src/index.ts';
import { Bench, direct, elsewhere, indirect, mapped, native, onLink, teredo, teredoAddress } from './bench.ts';
import { alternatesOf, runOf } from './peers.ts';

const symmetric = { ...noExtensions, symmetricNatSupport: true };
const hairpinning = { ...noExtensions, hairpinning: true };
const reduced = { ...noExtensions, serverLoadReduction: true };
const home: Ipv4Endpoint = { address: parseIpv4('10.0.0.2')!, port: 5000 };

/** A bench whose role has these endpoints of its own, and shares its NAT with everybody. */
class Neighbour extends Bench {
  alternates: readonly Ipv4Endpoint[] = [home];

  mayBeAlternate(_: PeerIndex, address: number): boolean {
    return address === onLink.address || address === onLink.address + 1;
  }
}

/** Returns the trailers of each datagram since the last call, as octets of type and value. */
function trailersOf(bench: Bench): number[][][] {
  return bench.outputs.takeDatagrams().map(({ payload }) => {
    const found: number[][] = [];
    for (let at = 40; at < payload.length; at += 2 + payload[at + 1]!) {
      found.push([payload[at]!, ...payload.slice(at + 2, at + 2 + payload[at + 1]!)]);
    }
    return found;
  });
}

function nonceIn(trailers: readonly number[][] | undefined): number {
  const [, a, b, c, d] = trailers?.find(([type]) => type === trailerTypes.nonce) ?? [];
  return a === undefined ? 0 : ((a << 24) | (b! << 16) | (c! << 8) | d!) >>> 0;
}

/** Returns the trailers of an indirect bubble. */
function trailers(fields: Partial<Pick<BubbleTrailers, 'nonce' | 'discoveryType'>>, alternates: Ipv4Endpoint[] = []) {
  return Object.assign(alternatesOf(...alternates), fields);
}

function recordIndirect({ traversal }: Bench, peer: PeerIndex, read: BubbleTrailers): void {
  traversal.mechanisms.recordNonce(peer, read.nonce, true, 0);
  traversal.mechanisms.recordAlternates(peer, read);
}

describe('extensions', () => {
  it('[XC-10] are all on by default, and all off for RFC 4380 alone', () => {
    expect(allExtensions).toEqual({
      symmetricNatSupport: true,
      portPreserving: true,
      sequentialPorts: true,
      hairpinning: true,
      serverLoadReduction: true,
    });
    expect(noExtensions).toEqual({
      symmetricNatSupport: false,
      portPreserving: false,
      sequentialPorts: false,
      hairpinning: false,
      serverLoadReduction: false,
    });
  });

  it.each([
    [noExtensions, undefined],
    [allExtensions, undefined],
    [
      { ...noExtensions, portPreserving: true },
      { extension: 'portPreserving', needs: 'symmetricNatSupport' },
    ],
    [
      { ...noExtensions, sequentialPorts: true },
      { extension: 'sequentialPorts', needs: 'portPreserving' },
    ],
    [
      { ...symmetric, sequentialPorts: true },
      { extension: 'sequentialPorts', needs: 'portPreserving' },
    ],
    [{ ...symmetric, portPreserving: true, sequentialPorts: true }, undefined],
    [{ ...noExtensions, hairpinning: true, serverLoadReduction: true }, undefined],
  ])('[XC-09] %j lack %j', (extensions, missing) => {
    expect(missingExtension(extensions)).toEqual(missing);
  });

  it('[XC-13] that are off add no octet to any bubble', () => {
    const bench = new Neighbour();
    const peer = bench.insert();
    bench.traversal.burst(peer, 0);
    recordIndirect(bench, peer, trailers({ nonce: 7 }, [onLink]));
    bench.traversal.answer(peer, true, 0);
    bench.prove(peer, mapped, false);
    bench.traversal.hear(peer, 0);
    bench.traversal.greet(peer, bench.traversal.answersSolicitations);
    expect([bench.traversal.solicit(peer, 30_000), bench.traversal.mechanisms.isEcho(peer, 7, 0)]).toEqual([
      false,
      false,
    ]);
    expect(trailersOf(bench)).toEqual([[], [], [], []]);
  });
});

describe('a nonce', () => {
  it('[SNS-03][SNS-05][RL-T-20] is drawn for each indirect bubble; direct ones have none before one came', () => {
    const bench = new Bench({ extensions: symmetric });
    const peer = bench.insert();
    const nonces = [0, 2000].map((now) => {
      bench.traversal.burst(peer, now);
      const [straight, passedOn] = trailersOf(bench);
      expect([straight, passedOn!.map(([type, ...value]) => [type, value.length])]).toEqual([[], [[1, 4]]]);
      return nonceIn(passedOn);
    });
    expect(nonces[0]).not.toBe(nonces[1]);
    expect(nonces).not.toContain(0);
  });

  it('[TU-25] that comes back late is distinguished from others, where the extension is on', () => {
    const bench = new Bench({ extensions: symmetric });
    const peer = bench.insert();
    bench.traversal.sendIndirect(peer, 0);
    const nonce = nonceIn(trailersOf(bench)[0]);
    const { mechanisms } = bench.traversal;
    expect([29_999, 30_000].map((now) => mechanisms.isLateEcho(peer, nonce, now))).toEqual([false, true]);
    expect(mechanisms.isLateEcho(peer, nonce + 1, 30_000)).toBe(false);
    expect(new Bench().traversal.mechanisms.isLateEcho(peer, 0, 30_000)).toBe(false);
  });

  it('[SNS-02][SNS-15] matches only while it is the latest, and for 30 s', () => {
    const bench = new Bench({ extensions: symmetric });
    const [peer, other] = [bench.insert(), bench.insert(teredoAddress(4097))];
    const { mechanisms } = bench.traversal;
    expect(mechanisms.isEcho(peer, 0, 0)).toBe(false);
    bench.traversal.sendIndirect(peer, 0);
    const first = nonceIn(trailersOf(bench)[0]);
    expect([0, 29_999, 30_000].map((now) => mechanisms.isEcho(peer, first, now))).toEqual([true, true, false]);
    expect([mechanisms.isEcho(peer, first ^ 1, 0), mechanisms.isEcho(other, first, 0)]).toEqual([false, false]);
    bench.traversal.sendIndirect(peer, 2000);
    const second = nonceIn(trailersOf(bench)[0]);
    expect([mechanisms.isEcho(peer, first, 2000), mechanisms.isEcho(peer, second, 31_999)]).toEqual([false, true]);
    bench.traversal.table.remove(peer);
    expect(bench.insert()).toBe(peer);
    expect([mechanisms.isEcho(peer, second, 2000), mechanisms.isEcho(peer, 0, 2000)]).toEqual([false, false]);
  });

  it('[SNS-15] is not 0 although the random source gives nothing but zeros', () => {
    const bench = new Bench({ extensions: symmetric }, { fill: (target) => void target.fill(0) });
    bench.traversal.sendIndirect(bench.insert(), 0);
    expect(nonceIn(trailersOf(bench)[0])).toBe(1);
  });

  it('[SNS-14][SEC-25] comes from the random source', () => {
    const bench = new Bench({ extensions: symmetric }, { fill: (target) => void target.fill(0xab) });
    bench.traversal.sendIndirect(bench.insert(), 0);
    expect(nonceIn(trailersOf(bench)[0])).toBe(0xabababab);
  });

  it('[SNS-04][SNS-06][SNS-07] that came is repeated in direct bubbles, until a bubble without one comes', () => {
    const bench = new Bench({ extensions: symmetric });
    const peer = bench.insert();
    const answered = [0x01020304, 0xfffffffe, 0].map((nonce) => {
      recordIndirect(bench, peer, trailers({ nonce }));
      expect(bench.traversal.mechanisms.nonceOf(peer)).toBe(nonce);
      bench.traversal.answer(peer, false, 0);
      expect(bench.outputs.datagrams.map(({ address }) => address)).toEqual([mapped.address]);
      return nonceIn(trailersOf(bench)[0]);
    });
    expect(answered).toEqual([0x01020304, 0xfffffffe, 0]);
    recordIndirect(bench, peer, trailers({ nonce: 9 }));
    bench.traversal.burst(peer, 0);
    expect(nonceIn(trailersOf(bench)[0])).toBe(9);
    bench.traversal.table.remove(peer);
    expect([bench.insert(), bench.traversal.mechanisms.nonceOf(peer)]).toEqual([peer, 0]);
  });
});

describe('the proof of a path', () => {
  const neighbour = { ...onLink, port: 9 };
  it.each([
    { what: 'embedded, with the nonce', from: mapped, hasNonce: true, kind: 'embedded' },
    { what: 'embedded, without it', from: mapped, hasNonce: false, kind: 'embedded' },
    { what: 'elsewhere, with the nonce', from: elsewhere, hasNonce: true, kind: 'learned' },
    { what: 'elsewhere, without it', from: elsewhere, hasNonce: false, kind: 'none' },
    { what: 'behind the same NAT, with the nonce', from: neighbour, hasNonce: true, kind: 'alternate' },
    { what: 'behind the same NAT, without it', from: neighbour, hasNonce: false, kind: 'none' },
    { what: 'where nobody may be, with the nonce', from: home, hasNonce: true, kind: 'none' },
    { what: 'where nobody may be, without it', from: home, hasNonce: false, kind: 'none' },
    { what: 'port 0, with the nonce', from: { ...elsewhere, port: 0 }, hasNonce: true, kind: 'none' },
  ])('[SNS-08][SNS-09][SNS-16][HP-14][HP-18] $what: $kind', ({ from, hasNonce, kind }) => {
    const bench = new Neighbour({ extensions: { ...symmetric, hairpinning: true } });
    const peer = bench.insert();
    const isProven = kind !== 'none';
    expect(bench.prove(peer, from, hasNonce)).toBe(isProven);
    const { table, paths } = bench.traversal;
    expect([table.isTrusted(peer), table.isTrustedAt(peer, from.address, from.port)]).toEqual([isProven, isProven]);
    const kinds = { embedded: 0, localLink: 1, learned: 2, alternate: 3 } as const;
    for (const [name, number] of Object.entries(kinds)) {
      expect(paths.lastProof(paths.find(peer, number)) > 0).toBe(name === kind);
    }
  });

  it('[SNS-09][SNS-13] is none where a path was only named', () => {
    const bench = new Bench({ extensions: symmetric });
    const peer = bench.insert();
    bench.prove(peer, mapped, false);
    bench.traversal.paths.name(peer, pathKinds.learned, elsewhere.address, elsewhere.port);
    expect(bench.prove(peer, elsewhere, false)).toBe(false);
  });

  it('[SNS-13] lasts: data from there needs no nonce, also after a proof elsewhere, while the peer is trusted', () => {
    const bench = new Neighbour({ extensions: { ...symmetric, hairpinning: true } });
    const peer = bench.insert();
    for (const [from, hasNonce] of [
      [elsewhere, true],
      [neighbour, true],
      [mapped, false],
      [elsewhere, false],
      [neighbour, false],
    ] as const) {
      expect(bench.prove(peer, from, hasNonce)).toBe(true);
      expect(bench.traversal.table.isTrustedAt(peer, from.address, from.port)).toBe(true);
    }
    bench.traversal.table.distrust(peer);
    expect([bench.prove(peer, elsewhere, false), bench.prove(peer, neighbour, false)]).toEqual([false, false]);
    expect(bench.prove(peer, { ...elsewhere, port: 78 }, true)).toBe(true);
    expect(bench.prove(peer, elsewhere, false)).toBe(false);
  });

  it('[SNS-21] lasts for the endpoint before the last one, while the peer is trusted', () => {
    const bench = new Bench({ extensions: symmetric });
    const peer = bench.insert();
    const next = { ...elsewhere, port: 78 };
    expect([bench.prove(peer, elsewhere, true), bench.prove(peer, next, true)]).toEqual([true, true]);
    expect([bench.prove(peer, elsewhere, false), bench.prove(peer, next, false)]).toEqual([true, true]);
    expect(bench.prove(peer, { ...elsewhere, port: 79 }, false)).toBe(false);
    bench.traversal.table.distrust(peer);
    expect([bench.prove(peer, elsewhere, false), bench.prove(peer, next, false)]).toEqual([false, false]);
  });

  it('[TU-23] is a nonce at the plain port, from a global address, and data from there after that', () => {
    const bench = new Bench({ extensions: symmetric });
    Object.assign(bench, { plainPort: 5 });
    const peer = bench.insert();
    const proofs: readonly [Ipv4Endpoint, boolean, boolean][] = [
      [mapped, false, false],
      [home, true, false],
      [home, false, false],
      [elsewhere, false, false],
      [elsewhere, true, true],
      [elsewhere, false, true],
      [mapped, false, false],
      [home, true, false],
    ];
    expect(proofs.map(([from, hasNonce]) => bench.prove(peer, { ...from, portId: 5 }, hasNonce))).toEqual(
      proofs.map(([, , isProven]) => isProven),
    );
    expect(bench.traversal.table.targetPortId(peer)).toBe(5);
  });

  it('[HP-18] of a native host is no endpoint behind the own NAT', () => {
    const bench = new Bench({ extensions: hairpinning });
    expect(bench.prove(bench.insert(native), neighbour, true)).toBe(false);
  });

  it('[SNS-10] sends from the port of the host that the datagram came to', () => {
    const bench = new Bench({ extensions: symmetric });
    const peer = bench.insert();
    const from = [
      { ...elsewhere, portId: 7 },
      { ...mapped, portId: 0 },
      { ...elsewhere, portId: 3 },
    ].map((source) => {
      bench.prove(peer, source, source.address === elsewhere.address);
      bench.traversal.send(peer, runOf(1), 0);
      bench.traversal.greet(peer, false);
      return bench.outputs.takeDatagrams().map(({ address, port, portId }) => [address, port, portId]);
    });
    const twice = (...sent: number[]) => [sent, sent];
    expect(from).toEqual([
      twice(elsewhere.address, 77, 7),
      twice(mapped.address, 4096, 0),
      twice(elsewhere.address, 77, 3),
    ]);
  });
});

describe('a direct bubble', () => {
  it('[SNS-10][SNS-19][CL-P-13] goes where a nonce showed the peer to be, while it is heard there', () => {
    const bench = new Bench({ extensions: symmetric });
    const peer = bench.insert();
    bench.prove(peer, elsewhere, true);
    bench.traversal.hear(peer, 0);
    expect([bench.traversal.probe(peer, 29_999), bench.sent()]).toEqual([true, ['198.51.100.7:77', indirect]]);
    bench.traversal.answer(peer, false, 29_999);
    expect(bench.sent()).toEqual(['198.51.100.7:77']);
    bench.traversal.answer(peer, false, 30_000);
    expect(bench.sent()).toEqual([direct]);
    bench.traversal.burst(peer, 40_000);
    expect(bench.sent()).toEqual([direct, indirect]);
  });

  it('[SNS-19][CL-P-10] goes to the embedded endpoint of a peer on this link, which its server passed on a bubble of', () => {
    const bench = new Bench({ extensions: symmetric });
    const peer = bench.insert();
    bench.traversal.paths.name(peer, 1, onLink.address, onLink.port);
    expect(bench.prove(peer, onLink, false)).toBe(true);
    bench.traversal.hear(peer, 0);
    bench.traversal.answer(peer, false, 0);
    expect(bench.sent()).toEqual([direct]);
  });
});

describe('a peer behind a symmetric NAT', () => {
  /** Returns the destinations of data for the peer and of an answer to it. */
  function targets(prefersEmbedded: boolean, from: Ipv4Endpoint, hasNonce: boolean): string[] {
    const bench = new Neighbour({ extensions: { ...symmetric, hairpinning: true } });
    bench.traversal.prefersEmbedded = prefersEmbedded;
    const peer = bench.insert();
    bench.prove(peer, from, hasNonce);
    bench.traversal.hear(peer, 0);
    bench.traversal.send(peer, runOf(1), 0);
    bench.traversal.answer(peer, false, 0);
    expect(bench.traversal.table.isTrustedAt(peer, from.address, from.port)).toBe(true);
    return bench.sent();
  }

  it.each([
    { prefersEmbedded: true, from: elsewhere, to: direct },
    { prefersEmbedded: false, from: elsewhere, to: '198.51.100.7:77' },
    { prefersEmbedded: true, from: mapped, to: direct },
    { prefersEmbedded: true, from: onLink, to: '192.168.0.2:3544' },
  ])('[UPNP-13][UPNP-14][HP-15] is sent to $to', ({ prefersEmbedded, from, to }) => {
    expect(targets(prefersEmbedded, from, true)).toEqual([to, to]);
  });

  it('[UPNP-12][UPNP-02] is known by the first bubble from elsewhere', () => {
    const bench = new Bench({ extensions: symmetric });
    const [peer, other] = [bench.insert(), bench.insert(teredoAddress(4097))];
    const { mechanisms } = bench.traversal;
    expect(mechanisms.symmetricPeers!.has(peer)).toBe(false);
    expect([mechanisms.recordMismatch(peer), mechanisms.recordMismatch(peer)]).toEqual([true, false]);
    bench.prove(other, elsewhere, true);
    expect([peer, other].map((each) => mechanisms.symmetricPeers!.has(each))).toEqual([true, true]);
    bench.traversal.table.remove(peer);
    expect([bench.insert(), mechanisms.symmetricPeers!.has(peer)]).toEqual([peer, false]);
    expect(new Bench().traversal.mechanisms.recordMismatch(peer)).toBe(false);
  });
});

describe('alternate addresses', () => {
  it('[HP-04][HP-05][HP-06][XC-12] follow the nonce of indirect bubbles while the peer is not reached', () => {
    const bench = new Neighbour({ extensions: hairpinning });
    bench.alternates = [home, { address: parseIpv4('100.64.0.9')!, port: 6000 }];
    const peer = bench.insert();
    bench.traversal.burst(peer, 0);
    const [straight, passedOn] = trailersOf(bench);
    expect(straight).toEqual([]);
    expect(passedOn!.map(([type]) => type)).toEqual([1, 3]);
    expect(passedOn![1]).toEqual([3, 0, 0, 10, 0, 0, 2, 0x13, 0x88, 100, 64, 0, 9, 0x17, 0x70]);
    bench.prove(peer, mapped, false);
    bench.traversal.hear(peer, 0);
    bench.traversal.probe(peer, 2000);
    expect(trailersOf(bench)).toEqual([[], []]);
    bench.traversal.sendIndirect(peer, 30_000);
    expect(trailersOf(bench)[0]!.map(([type]) => type)).toEqual([1, 3]);
  });

  it('[HP-01][HP-08] are told by no role that has none, and by none that has the extension off', () => {
    const without = new Neighbour({ extensions: hairpinning });
    without.alternates = [];
    const off = new Neighbour({ extensions: symmetric });
    for (const bench of [without, new Bench({ extensions: hairpinning })]) {
      bench.traversal.sendIndirect(bench.insert(), 0);
      expect(trailersOf(bench)).toEqual([[]]);
    }
    off.traversal.sendIndirect(off.insert(), 0);
    expect(trailersOf(off)[0]!.map(([type]) => type)).toEqual([1]);
  });

  it('[HP-11][HP-12][HP-13][HP-17] of a peer are answered in their order, where the role permits it', () => {
    const bench = new Neighbour({ extensions: hairpinning });
    const [peer, other] = [bench.insert(), bench.insert(teredoAddress(4097))];
    const second = { address: onLink.address + 1, port: 1 };
    const answer = (nonce: number, list: Ipv4Endpoint[]) => {
      recordIndirect(bench, peer, trailers({ nonce }, list));
      bench.traversal.answer(peer, false, 0);
      const nonces = bench.outputs.datagrams.map(({ payload }) => payload[45]);
      return [bench.sent(), nonces];
    };
    recordIndirect(bench, other, trailers({ nonce: 1 }, [onLink]));
    expect(answer(7, [second, home, onLink])).toEqual([
      [direct, '192.168.0.3:1', '192.168.0.2:3544'],
      [7, 7, 7],
    ]);
    expect(answer(8, [onLink])).toEqual([
      [direct, '192.168.0.2:3544'],
      [8, 8],
    ]);
    expect(answer(9, [])).toEqual([
      [direct, '192.168.0.2:3544'],
      [9, 9],
    ]);
    bench.traversal.table.remove(peer);
    expect(bench.insert()).toBe(peer);
    expect(answer(9, [])).toEqual([[direct], [9]]);
  });

  it('[HP-16] cause five bubbles at most', () => {
    const bench = new Neighbour({ extensions: hairpinning });
    const peer = bench.insert();
    const four = [1, 2, 3, 4].map((port) => ({ ...onLink, port }));
    recordIndirect(bench, peer, trailers({ nonce: 7 }, four));
    bench.traversal.answer(peer, false, 0);
    expect(bench.sent()).toEqual([direct, ...four.map(({ port }) => `192.168.0.2:${port}`)]);
  });

  it('[HP-15] of a peer that was reached behind the same NAT get no answer: it goes where the peer is', () => {
    const bench = new Neighbour({ extensions: hairpinning });
    const peer = bench.insert();
    bench.prove(peer, onLink, true);
    bench.traversal.hear(peer, 0);
    recordIndirect(bench, peer, trailers({ nonce: 7 }, [{ ...onLink, port: 9 }]));
    bench.traversal.answer(peer, false, 0);
    expect(bench.sent()).toEqual(['192.168.0.2:3544']);
  });
});

describe('a peer that fell silent', () => {
  const solicitation = [[4, 0, 0, 0, 0]];

  function stale(options = {}): { readonly bench: Neighbour; readonly peer: PeerIndex } {
    const bench = new Neighbour({ extensions: reduced, ...options });
    const peer = bench.insert();
    bench.prove(peer, mapped, false);
    bench.traversal.hear(peer, 0);
    return { bench, peer };
  }

  it('[SLR-02][SLR-03][SLR-04][SLR-05][SLR-12] is solicited three times, then looked for as a new one', () => {
    const { bench, peer } = stale();
    const { traversal } = bench;
    const { solicitations } = traversal.mechanisms;
    // Solicitations follow data at once: the limits are for bursts.
    traversal.table.sent(peer, 29_999);
    expect([traversal.solicit(peer, 29_999), traversal.solicit(peer, 30_000)]).toEqual([false, true]);
    expect([solicitations!.count(peer), trailersOf(bench)]).toEqual([1, [solicitation]]);
    traversal.enqueue(peer, runOf(0x60));
    traversal.handleDeadline(32_000);
    expect([solicitations!.count(peer), bench.outputs.datagrams[0]!.address]).toEqual([2, mapped.address]);
    expect(trailersOf(bench)).toEqual([solicitation]);
    traversal.handleDeadline(34_000);
    expect([solicitations!.count(peer), traversal.table.isTrusted(peer)]).toEqual([3, false]);
    expect(bench.outputs.datagrams.map(({ payload }) => payload.length)).toEqual([46, 40]);
    expect(bench.sent()).toEqual([direct, indirect]);
    expect(bench.runTo(60_000)).toEqual({
      36000: [direct, indirect],
      38000: [direct, indirect],
      40000: [direct, indirect],
      42000: [],
    });
    expect(bench.failed).toEqual([`${peer} 42000 after 0 errors`]);
    expect([traversal.isFutile(peer, 42_000), traversal.solicit(peer, 80_000)]).toEqual([true, false]);
  });

  it('[SLR-09][SLR-11] is valid again by anything that it sends; what waited leaves, and nothing is repeated', () => {
    const { bench, peer } = stale();
    bench.traversal.solicit(peer, 30_000);
    bench.traversal.enqueue(peer, runOf(0x60));
    expect(bench.sent()).toEqual([direct]);
    expect([bench.traversal.hear(peer, 31_000), bench.sent()]).toEqual([true, [direct]]);
    expect([bench.runTo(60_000), bench.traversal.mechanisms.solicitations!.count(peer)]).toEqual([{}, 0]);
    expect([bench.traversal.solicit(peer, 61_000), bench.traversal.mechanisms.solicitations!.count(peer)]).toEqual([
      true,
      1,
    ]);
  });

  it('[SLR-10] is solicited where it was found, from the port that it was found at', () => {
    const { bench, peer } = stale({ extensions: { ...reduced, symmetricNatSupport: true } });
    bench.prove(peer, { ...elsewhere, portId: 7 }, true);
    bench.traversal.hear(peer, 0);
    expect(bench.traversal.solicit(peer, 30_000)).toBe(true);
    expect(bench.outputs.datagrams[0]!.portId).toBe(7);
    expect(bench.sent()).toEqual(['198.51.100.7:77']);
    expect(bench.runTo(34_000)).toEqual({
      32000: ['198.51.100.7:77'],
      34000: ['198.51.100.7:77', direct, indirect],
    });
  });

  it.each([
    { what: 'was never reached', prepare: (bench: Bench) => bench.insert(teredoAddress(4097)) },
    { what: 'is native', prepare: (bench: Bench) => reached(bench, native, elsewhere) },
    { what: 'was reached on this link', prepare: (bench: Bench) => reached(bench, teredo, onLink) },
  ])('[SLR-10] and $what is not solicited', ({ prepare }) => {
    const bench = new Bench({ extensions: reduced });
    const peer = prepare(bench);
    expect([bench.traversal.solicit(peer, 100_000), bench.sent()]).toEqual([false, []]);
  });

  function reached(bench: Bench, address: typeof teredo, from: Ipv4Endpoint): PeerIndex {
    const peer = bench.insert(address);
    if (from === onLink) bench.traversal.paths.name(peer, 1, onLink.address, onLink.port);
    expect(bench.prove(peer, from, from !== onLink)).toBe(true);
    bench.traversal.hear(peer, 0);
    return peer;
  }

  it('[SLR-10][CL-B-14] and must be spoken to through its server first is not solicited', () => {
    const mayBeSolicited = [67_999, 68_000].map((now) => {
      const bench = new Bench({ extensions: reduced, restsPeers: true });
      const peer = bench.insert();
      bench.traversal.recordIndirect(peer);
      bench.traversal.burst(peer, 0);
      bench.runTo(30_000);
      bench.traversal.burst(peer, 36_000);
      bench.prove(peer, mapped, false);
      bench.traversal.hear(peer, 37_000);
      return bench.traversal.solicit(peer, now);
    });
    expect(mayBeSolicited).toEqual([true, false]);
  });

  it('[SLR-06][SLR-08][SLR-14] is advertised to when it solicits, directly or through a server', () => {
    const { bench, peer } = stale();
    recordIndirect(bench, peer, trailers({ nonce: 0 }));
    bench.traversal.greet(peer, true);
    bench.traversal.answer(peer, true, 0);
    bench.traversal.answer(peer, false, 0);
    expect(trailersOf(bench)).toEqual([[[4, 1, 0, 0, 0]], [[4, 1, 0, 0, 0]], []]);
  });

  it('[SLR-10] for 300 s has no mapping left, and counts as a new one', () => {
    const after = [299_999, 300_000].map((now) => {
      const { bench, peer } = stale();
      return bench.traversal.solicit(peer, now);
    });
    expect(after).toEqual([true, false]);
  });

  it('[SLR-03][SLR-10] is solicited at any time, but not where no path leads to it', () => {
    const bench = new Bench({ extensions: reduced });
    const peer = bench.insert();
    bench.prove(peer, mapped, false);
    bench.traversal.hear(peer, 200_000);
    expect(bench.traversal.solicit(peer, 230_000)).toBe(true);
    const other = bench.insert(teredoAddress(4097));
    bench.traversal.table.trust(other, mapped.address, 4097);
    bench.traversal.hear(other, 0);
    expect(bench.traversal.solicit(other, 30_000)).toBe(false);
  });

  it('[SLR-09] that was solicited without an answer, and speaks again, may be solicited three times more', () => {
    const bench = new Bench({ extensions: reduced });
    const peer = bench.insert();
    bench.prove(peer, mapped, false);
    bench.traversal.hear(peer, 0);
    bench.traversal.solicit(peer, 30_000);
    bench.runTo(60_000);
    const { solicitations } = bench.traversal.mechanisms;
    expect([bench.traversal.isRunning(peer), solicitations!.count(peer)]).toEqual([false, 3]);
    bench.traversal.hear(peer, 70_000);
    expect(solicitations!.count(peer)).toBe(0);
  });

  it('[SLR-01] is not solicited where the extension is off', () => {
    const { bench, peer } = stale({ extensions: symmetric });
    expect([bench.traversal.solicit(peer, 30_000), bench.traversal.answersSolicitations]).toEqual([false, false]);
  });
});

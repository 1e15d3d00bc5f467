import type { PortId } from '@navalis/engine';
import { BubbleTrailers, discoveryTypes, noDiscovery } from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import { type Extensions, noExtensions, type PathUpgrader, type PeerIndex, pathKinds } from '../src/index.ts';
import { Bench, direct, elsewhere, handledTo, mapped, native, onLink, teredoAddress } from './bench.ts';

const never = Number.POSITIVE_INFINITY;
const plain: PortId = 1;
const symmetric: Extensions = { ...noExtensions, symmetricNatSupport: true };

/** A bench whose service port is relayed, and which has a port without a relay unless the test takes it away. */
class RelayedBench extends Bench {
  plainPort: PortId | undefined = plain;
  readonly upgrader: PathUpgrader;

  constructor(extensions: Partial<Extensions> = {}) {
    super({ extensions: { ...symmetric, ...extensions } });
    this.upgrader = this.traversal.upgrader;
  }

  /** A peer that was reached through the relay, and sent a nonce. */
  reach(address = teredoAddress(4096), nonce = 7, now = 0): PeerIndex {
    const peer = this.insert(address);
    if (nonce !== 0) this.traversal.mechanisms.recordNonce(peer, nonce, true, 0);
    this.prove(peer, mapped, false);
    this.traversal.table.heard(peer, now);
    this.left();
    return peer;
  }

  /** A peer that moved to the plain port at this time, and was heard there. */
  upgrade(now = 0): PeerIndex {
    const peer = this.reach(undefined, 7, now);
    this.moveTo(peer, now);
    return peer;
  }

  moveTo(peer: PeerIndex, now: number): void {
    this.prove(peer, { ...elsewhere, portId: plain }, true);
    this.traversal.table.heard(peer, now);
    this.upgrader.follow(peer, true, now);
    this.left();
  }

  /** Returns what left since the last call, and from where. */
  left(): string[] {
    const ports = this.outputs.datagrams.map(({ portId }) => (portId === plain ? 'plain' : 'relayed'));
    return this.sent().map((to, index) => `${to} ${ports[index]}`);
  }

  /** Handles the deadlines up to a time; returns what left by time. */
  upgradeTo(end: number): Record<number, string[]> {
    return handledTo(end, this.upgrader, () => this.left());
  }
}

const trial = [`${direct} plain`];
const check = ['198.51.100.7:77 plain'];

describe('a trial without the relay', () => {
  it('[TU-23] carries the nonce of the peer, and asks for an answer where that extension is on', () => {
    for (const { serverLoadReduction, discoveryType } of [
      { serverLoadReduction: false, discoveryType: noDiscovery },
      { serverLoadReduction: true, discoveryType: discoveryTypes.solicitation },
    ]) {
      const bench = new RelayedBench({ serverLoadReduction });
      bench.upgrader.begin(bench.reach(), 0);
      const { payload, portId } = bench.outputs.takeDatagrams()[0]!;
      const trailers = new BubbleTrailers();
      trailers.read(payload, 40, payload.length - 40);
      expect([portId, trailers.nonce, trailers.discoveryType]).toEqual([plain, 7, discoveryType]);
    }
  });

  it('[TU-25] is repeated after 2, 4 and 8 s while the peer is reached through the relay', () => {
    const bench = new RelayedBench();
    const peer = bench.reach();
    expect(bench.upgrader.nextDeadline()).toBe(never);
    bench.upgrader.begin(peer, 1_000);
    expect(bench.left()).toEqual(trial);
    expect(bench.upgradeTo(20_000)).toEqual({ 3000: trial, 7000: trial, 15000: trial });
    // The peer fell silent at 30 s.
    expect(bench.upgradeTo(100_000)).toEqual({ 31000: [] });
    expect(bench.upgrader.nextDeadline()).toBe(never);
  });

  it('[TU-25] starts over 2 s later for a peer that answered with a nonce that was too old', () => {
    const bench = new RelayedBench();
    const peer = bench.reach();
    bench.upgrader.begin(peer, 0);
    bench.upgradeTo(6_000);
    bench.upgrader.restart(peer, 7_000);
    expect([bench.left(), bench.upgradeTo(13_000)]).toEqual([[], { 9000: trial, 13000: trial }]);
  });

  it('[TU-23] follows when a peer is reached, unless trials go on', () => {
    const bench = new RelayedBench();
    const peer = bench.reach();
    bench.upgrader.follow(peer, false, 0);
    expect([bench.left(), bench.upgrader.nextDeadline()]).toEqual([trial, 2_000]);
    bench.upgradeTo(2_000);
    bench.upgrader.follow(peer, false, 3_000);
    expect([bench.left(), bench.upgrader.nextDeadline()]).toEqual([[], 6_000]);
    expect(bench.counters.snapshot().pathsUpgraded).toBe(0);
  });

  it.each<{ what: string; extensions?: Partial<Extensions>; peer: (bench: RelayedBench) => PeerIndex }>([
    { what: 'a peer without a nonce', peer: (bench) => bench.reach(undefined, 0) },
    { what: 'a native host', peer: (bench) => bench.reach(native) },
    { what: 'a peer that fell silent', peer: (bench) => bench.reach(undefined, 7, -30_000) },
    {
      what: 'a peer that was never reached',
      peer: (bench) => {
        const peer = bench.insert();
        bench.traversal.mechanisms.recordNonce(peer, 7, true, 0);
        bench.traversal.table.heard(peer, 0);
        return peer;
      },
    },
    {
      what: 'a peer without the extension',
      extensions: { symmetricNatSupport: false, hairpinning: true },
      peer: (bench) => bench.reach(),
    },
    {
      what: 'a peer without a plain port',
      peer: (bench) => {
        const peer = bench.reach();
        bench.plainPort = undefined;
        return peer;
      },
    },
    {
      what: 'a trusted peer without any path',
      peer: (bench) => {
        const peer = bench.reach();
        bench.traversal.paths.remove(peer, pathKinds.embedded);
        return peer;
      },
    },
    {
      what: 'a peer on this link',
      peer: (bench) => {
        const peer = bench.reach();
        bench.traversal.paths.prove(bench.traversal.paths.name(peer, pathKinds.localLink, onLink.address, onLink.port));
        return peer;
      },
    },
    {
      what: 'a peer that was reached without the relay',
      peer: (bench) => {
        const peer = bench.reach();
        bench.prove(peer, { ...elsewhere, portId: plain }, true);
        return peer;
      },
    },
  ])('[TU-23] is not made for $what', ({ extensions, peer: made }) => {
    const bench = new RelayedBench(extensions);
    const peer = made(bench);
    bench.upgrader.begin(peer, 0);
    bench.upgrader.restart(peer, 0);
    expect([bench.left(), bench.upgrader.nextDeadline()]).toEqual([[], never]);
    bench.plainPort = plain;
    expect(bench.upgrader.nextDeadline()).toBe(never);
  });

  it('[TU-27] is due at no time for a role without a plain port, whatever waited', () => {
    const bench = new RelayedBench();
    bench.upgrader.begin(bench.reach(), 0);
    bench.left();
    bench.plainPort = undefined;
    expect(bench.upgrader.nextDeadline()).toBe(never);
    bench.upgrader.handleDeadline(2_000);
    bench.plainPort = plain;
    expect([bench.left(), bench.upgrader.nextDeadline()]).toEqual([[], 2_000]);
  });
});

describe('a peer that is reached without the relay', () => {
  it('[TU-26] is counted when it moves, and checked every 10 s while it is heard', () => {
    const bench = new RelayedBench();
    const peer = bench.upgrade(1_000);
    expect([bench.upgrader.isUpgraded(peer), bench.counters.snapshot().pathsUpgraded]).toEqual([true, 1]);
    bench.traversal.table.heard(peer, 25_000);
    expect(bench.upgradeTo(50_000)).toEqual({ 11000: [], 21000: [], 31000: [], 41000: [] });
    expect(bench.upgrader.isUpgraded(peer)).toBe(true);
    bench.traversal.table.distrust(peer);
    expect(bench.upgrader.isUpgraded(peer)).toBe(false);
  });

  it('[TU-26] falls back to the relay after 30 s of silence, is told so, and is tried no more', () => {
    const bench = new RelayedBench();
    const peer = bench.upgrade(1_000);
    expect(bench.upgradeTo(60_000)).toEqual({ 11000: [], 21000: [], 31000: [`${direct} relayed`] });
    expect([bench.upgrader.isUpgraded(peer), bench.upgrader.nextDeadline()]).toEqual([false, never]);
  });

  it('[TU-26] that is doubted is asked from the plain port, and is left to the relay 2 s later; then trials go on', () => {
    const bench = new RelayedBench();
    const peer = bench.upgrade(1_000);
    bench.prove(peer, mapped, false);
    expect(bench.upgrader.doubt(peer, 2_000)).toBe(false);
    bench.moveTo(peer, 2_000);
    expect([bench.upgrader.doubt(peer, 4_000), bench.left(), bench.upgrader.nextDeadline()]).toEqual([
      true,
      check,
      6_000,
    ]);
    expect(bench.upgradeTo(6_000)).toEqual({ 6000: trial });
    expect([bench.upgrader.isUpgraded(peer), bench.traversal.table.targetPort(peer)]).toEqual([false, mapped.port]);
    expect(bench.upgradeTo(10_000)).toEqual({ 10000: trial });
  });

  it('[TU-26] that answers the question stays, and is checked 10 s later', () => {
    const bench = new RelayedBench();
    const peer = bench.upgrade(1_000);
    bench.upgrader.doubt(peer, 4_000);
    bench.left();
    bench.traversal.table.heard(peer, 4_000);
    expect(bench.upgradeTo(6_000)).toEqual({ 6000: [] });
    expect([bench.upgrader.isUpgraded(peer), bench.upgrader.nextDeadline()]).toEqual([true, 16_000]);
  });

  it('[TU-26] that does not answer, and whose nonce is forgotten, is tried no more', () => {
    const bench = new RelayedBench();
    const peer = bench.upgrade(1_000);
    bench.upgrader.doubt(peer, 4_000);
    bench.left();
    bench.traversal.mechanisms.recordNonce(peer, 0, true, 4_000);
    expect([bench.upgradeTo(60_000), bench.upgrader.isUpgraded(peer)]).toEqual([{ 6000: [] }, false]);
  });

  it('[TU-26] is left to the relay when the caller says so, and to nobody where the relay never led to it', () => {
    const bench = new RelayedBench();
    const peer = bench.upgrade();
    expect([bench.upgrader.leave(peer), bench.upgrader.leave(peer)]).toEqual([true, false]);
    expect([bench.traversal.table.isTrusted(peer), bench.traversal.table.targetPortId(peer)]).toEqual([true, 0]);
    const other = bench.insert(teredoAddress(4097));
    bench.prove(other, { ...elsewhere, portId: plain }, true);
    expect([bench.upgrader.leave(other), bench.traversal.table.isTrusted(other)]).toEqual([true, false]);
  });
});

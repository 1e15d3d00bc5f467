import { describe, expect, it } from 'vitest';
import { type PeerIndex, solicitationPurposes } from '../src/index.ts';
import { asking, SeenElsewhere } from './asking-bench.ts';
import { direct, elsewhere, indirect, mapped, native, teredoAddress } from './bench.ts';
import { runOf } from './peers.ts';
import { PortBench } from './port-bench.ts';

const { none, wake, verify, confirm } = solicitationPurposes;
const there = '198.51.100.7:77';

interface AttemptOptions {
  /** When the peer sent its nonce. */
  readonly nonceAt?: number;
  /** Whether the peer is heard elsewhere than its address says, and sees this host elsewhere. */
  readonly isElsewhere?: boolean;
  /** Whether peers are asked for advertisements. */
  readonly asks?: boolean;
  readonly prefersEmbedded?: boolean;
}

/** A bench with an attempt to reach a peer that began at 0 ms, and for which a packet waits. */
class Attempt extends SeenElsewhere {
  readonly peer: PeerIndex;
  readonly #isElsewhere: boolean;

  constructor({ nonceAt, isElsewhere = true, asks = true, prefersEmbedded = false }: AttemptOptions) {
    super({ extensions: { ...asking, serverLoadReduction: asks } });
    this.#isElsewhere = isElsewhere;
    this.seenElsewhere = isElsewhere;
    this.traversal.prefersEmbedded = prefersEmbedded;
    this.peer = this.insert();
    this.traversal.enqueue(this.peer, runOf(9));
    this.traversal.burst(this.peer, 0);
    if (nonceAt !== undefined) this.traversal.mechanisms.recordNonce(this.peer, 7, true, nonceAt);
    this.asked();
  }

  /** The peer is heard; returns whether that ended the attempt. */
  hear(now: number, isTwoWay = false): boolean {
    this.prove(this.peer, this.#isElsewhere ? elsewhere : mapped, this.#isElsewhere, now);
    return this.traversal.hear(this.peer, now, isTwoWay);
  }

  /** The purpose of the questions, how many were asked, and whether the attempt goes on. */
  get state(): readonly [number, number, boolean] {
    const { solicitations } = this.traversal.mechanisms;
    const isRunning = this.traversal.isRunning(this.peer);
    return [solicitations?.purpose(this.peer) ?? none, solicitations?.count(this.peer) ?? 0, isRunning];
  }
}

describe('a peer that is heard during an attempt', () => {
  it('[CL-T-09] ends it, and gets what waits, where it sees this host where its address says', () => {
    const attempt = new Attempt({ isElsewhere: false });
    expect([attempt.hear(100), attempt.asked(), attempt.state]).toEqual([true, [`${direct}=`], [none, 0, false]]);
    expect([attempt.hear(200), attempt.asked()]).toEqual([false, []]);
  });

  it('[SNS-20] does not end it while it needs a nonce of this host, and has sent none of its own', () => {
    for (const nonceAt of [undefined, -30_000]) {
      const attempt = new Attempt(nonceAt === undefined ? {} : { nonceAt });
      expect([attempt.hear(100), attempt.asked(), attempt.state]).toEqual([false, [], [none, 0, true]]);
      expect(attempt.traversal.hear(attempt.peer, 100)).toBe(false);
      // Data of the peer, or an advertisement, shows that it accepts packets.
      expect([attempt.hear(200, true), attempt.asked(), attempt.state]).toEqual([
        true,
        [`${there}=`],
        [none, 0, false],
      ]);
    }
  });

  it('[SNS-20] gets what waits once it was sent its nonce, and is asked, since that may be lost', () => {
    const attempt = new Attempt({ nonceAt: 0 });
    expect([attempt.hear(100), attempt.asked(), attempt.state]).toEqual([false, [`${there}=`], [confirm, 0, true]]);
    expect([attempt.hear(200), attempt.asked(), attempt.state]).toEqual([false, [], [confirm, 0, true]]);
    expect(attempt.askTo(6_000)).toEqual({ 2000: [`${there}?`], 4000: [`${there}?`], 6000: [`${there}?`] });
    expect(attempt.state).toEqual([confirm, 3, true]);
    // Nobody answers: the attempt is over, and has not failed.
    expect([attempt.askTo(20_000), attempt.state, attempt.failed]).toEqual([{ 8000: [] }, [none, 0, false], []]);
    expect(attempt.traversal.table.isTrusted(attempt.peer)).toBe(true);
  });

  it('[SNS-20] is asked no more when it answers', () => {
    const attempt = new Attempt({ nonceAt: 0 });
    attempt.hear(100);
    attempt.askTo(2_000);
    expect([attempt.hear(2_100, true), attempt.state, attempt.traversal.nextDeadline()]).toEqual([
      true,
      [none, 0, false],
      Number.POSITIVE_INFINITY,
    ]);
  });

  it('[SLR-01] ends it where nobody is asked, once it was sent its nonce', () => {
    const attempt = new Attempt({ nonceAt: 0, asks: false });
    expect([attempt.hear(100), attempt.asked(), attempt.state[2]]).toEqual([true, [`${there}=`], false]);
  });

  it('[SLR-09] after it fell silent ends its questions', () => {
    const attempt = new Attempt({ isElsewhere: false });
    attempt.hear(0);
    expect(attempt.traversal.solicit(attempt.peer, 30_000)).toBe(true);
    expect(attempt.state).toEqual([wake, 1, true]);
    expect([attempt.hear(30_100), attempt.state]).toEqual([true, [none, 0, false]]);
  });

  it('[UPNP-14] by the forwarded port gets what waits, and is asked whether packets reach it', () => {
    const attempt = new Attempt({ isElsewhere: false, prefersEmbedded: true });
    expect([attempt.hear(100), attempt.asked(), attempt.state]).toEqual([
      false,
      [`${direct}=`, `${direct}?`],
      [verify, 1, true],
    ]);
    expect(attempt.traversal.isVerifying(attempt.peer)).toBe(true);
    // Being heard once more shows nothing.
    expect([attempt.hear(200), attempt.asked(), attempt.state]).toEqual([false, [], [verify, 1, true]]);
    expect(attempt.askTo(4_100)).toEqual({ 2100: [`${direct}?`], 4100: [`${direct}?`] });
    expect([attempt.hear(4_200, true), attempt.state]).toEqual([true, [none, 0, false]]);
    expect(attempt.traversal.isVerifying(attempt.peer)).toBe(false);
  });

  it('[UPNP-14] by the forwarded port, and never answers, is not reached: the attempt fails', () => {
    const attempt = new Attempt({ isElsewhere: false, prefersEmbedded: true });
    attempt.hear(100);
    attempt.asked();
    attempt.askTo(4_100);
    attempt.traversal.enqueue(attempt.peer, runOf(9));
    expect([attempt.askTo(6_100), attempt.state]).toEqual([{ 6100: [] }, [none, 0, false]]);
    expect(attempt.traversal.table.isTrusted(attempt.peer)).toBe(false);
    expect(attempt.failed).toEqual([`${attempt.peer} 6100 after 0 errors`]);
    expect(attempt.outputs.takePackets()).toHaveLength(1);
  });
});

describe('a peer that is heard, and whose nonce does not come', () => {
  it('[SNS-20] gets what waits after 2 s, and must say that packets reach it', () => {
    const attempt = new Attempt({});
    attempt.hear(100);
    // It must send its own nonce: so it is asked in a burst.
    expect(attempt.askTo(2_000)).toEqual({ 2000: [`${there}?`, indirect, `${there}=`] });
    expect(attempt.state).toEqual([verify, 1, true]);
    expect([attempt.hear(2_100, true), attempt.state]).toEqual([true, [none, 0, false]]);
  });

  it('[SNS-20] is not reached when it never says so', () => {
    const attempt = new Attempt({});
    attempt.hear(100);
    attempt.askTo(6_000);
    expect(attempt.state).toEqual([verify, 3, true]);
    attempt.askTo(8_000);
    expect([attempt.state, attempt.traversal.table.isTrusted(attempt.peer)]).toEqual([[none, 0, false], false]);
    expect(attempt.failed).toEqual([`${attempt.peer} 8000 after 0 errors`]);
  });

  it('[SNS-20] is asked as long as the attempt lasts, which has four bursts and questions', () => {
    const attempt = new Attempt({});
    attempt.askTo(2_000);
    attempt.hear(2_100);
    expect(Object.keys(attempt.askTo(60_000))).toEqual(['4000', '6000', '8000']);
    expect(attempt.failed).toEqual([`${attempt.peer} 8000 after 0 errors`]);
  });

  it('[SNS-20] is not reached where all bursts of the attempt have left before it was heard', () => {
    const attempt = new Attempt({});
    attempt.askTo(6_000);
    attempt.hear(7_000);
    expect([attempt.askTo(8_000), attempt.failed.length]).toEqual([{ 8000: [] }, 1]);
  });

  it('[SLR-01] gets what waits after 2 s where nobody is asked, and the attempt is over', () => {
    const attempt = new Attempt({ asks: false });
    attempt.hear(100);
    expect([attempt.askTo(2_000), attempt.state[2], attempt.failed]).toEqual([{ 2000: [`${there}=`] }, false, []]);
  });

  it('[CL-T-10] that fell silent meanwhile gets the next burst instead', () => {
    const attempt = new Attempt({});
    attempt.hear(-29_000);
    expect(attempt.askTo(2_000)[2_000]).toEqual([`${direct}?`, indirect]);
    expect(attempt.state).toEqual([none, 0, true]);
  });
});

describe('the answer to an indirect bubble', () => {
  it('[CL-T-09] ends the attempt for a peer that is reached, and needs no question', () => {
    const attempt = new Attempt({});
    attempt.seenElsewhere = false;
    attempt.prove(attempt.peer, elsewhere, true);
    attempt.traversal.table.heard(attempt.peer, 100);
    attempt.traversal.answer(attempt.peer, false, 200);
    expect([attempt.asked(), attempt.state]).toEqual([
      [there, `${there}=`],
      [none, 0, false],
    ]);
    // No attempt runs any more.
    attempt.traversal.answer(attempt.peer, true, 300);
    expect([attempt.asked(), attempt.state]).toEqual([[`${there}!`], [none, 0, false]]);
  });

  it('[CL-T-09] does not end the attempt for a peer that is not reached', () => {
    const attempt = new Attempt({});
    attempt.traversal.answer(attempt.peer, false, 200);
    expect([attempt.asked(), attempt.state]).toEqual([[direct], [none, 0, true]]);
    attempt.prove(attempt.peer, elsewhere, true);
    attempt.traversal.table.heard(attempt.peer, -29_000);
    attempt.traversal.answer(attempt.peer, false, 1_000);
    expect([attempt.asked(), attempt.state[2]]).toEqual([[direct], true]);
  });

  it('[SNS-20] brings the peer its nonce, with what waits; it is asked after that', () => {
    const attempt = new Attempt({ nonceAt: 0 });
    attempt.prove(attempt.peer, elsewhere, true);
    attempt.traversal.table.heard(attempt.peer, 100);
    attempt.traversal.answer(attempt.peer, false, 200);
    expect([attempt.asked(), attempt.state]).toEqual([
      [there, `${there}=`],
      [confirm, 0, true],
    ]);
  });

  it('[UPNP-14] asks a peer that is heard by the forwarded port, unless it advertises', () => {
    for (const { isSolicitation, mark } of [
      { isSolicitation: false, mark: '?' },
      { isSolicitation: true, mark: '!' },
    ]) {
      const attempt = new Attempt({ isElsewhere: false, prefersEmbedded: true });
      attempt.prove(attempt.peer, mapped, false);
      attempt.traversal.table.heard(attempt.peer, 100);
      attempt.traversal.answer(attempt.peer, isSolicitation, 200);
      expect([attempt.asked(), attempt.state]).toEqual([
        [`${direct}${mark}`, `${direct}=`],
        [verify, 0, true],
      ]);
    }
  });

  it('[SLR-06] advertises nothing where that extension is off', () => {
    const attempt = new Attempt({ isElsewhere: false, asks: false });
    attempt.traversal.answer(attempt.peer, true, 200);
    expect(attempt.asked()).toEqual([direct]);
  });
});

describe('the question to a peer that does not answer packets', () => {
  it('[UPNP-14] is put only by a host whose NAT forwards, and to Teredo peers', () => {
    const attempt = new Attempt({ isElsewhere: false });
    attempt.hear(0);
    attempt.asked();
    const { traversal, peer } = attempt;
    expect([traversal.verify(peer, 100), attempt.asked(), attempt.state]).toEqual([false, [], [none, 0, false]]);
    traversal.prefersEmbedded = true;
    expect([traversal.verify(peer, 100), attempt.asked(), attempt.state]).toEqual([
      true,
      [`${direct}?`],
      [verify, 1, true],
    ]);
    const host = attempt.insert(native);
    expect([traversal.verify(host, 100), traversal.confirm(host, 100), attempt.asked()]).toEqual([false, false, []]);
    const off = new Attempt({ isElsewhere: false, asks: false, prefersEmbedded: true });
    expect([off.traversal.verify(off.peer, 100), off.asked()]).toEqual([false, []]);
  });

  it('[SNS-20] is put to a peer that may lack its nonce, and to no other', () => {
    const found = new SeenElsewhere({ extensions: asking });
    const peer = found.find(0);
    found.seenElsewhere = false;
    expect([found.traversal.confirm(peer, 100), found.asked()]).toEqual([false, []]);
    found.seenElsewhere = true;
    expect([found.traversal.confirm(peer, 100), found.asked()]).toEqual([true, [`${there}?`]]);
    expect(found.traversal.mechanisms.solicitations!.purpose(peer)).toBe(confirm);
    // Where its address says that it is, its NAT lets everybody in, or it was not found by a nonce.
    const embedded = new Attempt({});
    embedded.prove(embedded.peer, mapped, false);
    embedded.traversal.table.heard(embedded.peer, 0);
    expect([embedded.traversal.confirm(embedded.peer, 100), embedded.asked()]).toEqual([false, []]);
    embedded.traversal.prefersEmbedded = true;
    expect(embedded.traversal.confirm(embedded.peer, 100)).toBe(true);
    const unknown = new Attempt({});
    expect([unknown.traversal.confirm(unknown.peer, 100), unknown.asked()]).toEqual([false, []]);
    const off = new SeenElsewhere({ extensions: { ...asking, serverLoadReduction: false } });
    expect([off.traversal.confirm(off.find(0), 100), off.asked()]).toEqual([false, []]);
    const plain = new SeenElsewhere({ extensions: { ...asking, symmetricNatSupport: false } });
    expect(plain.traversal.confirm(plain.find(0), 100)).toBe(false);
    const host = found.insert(native);
    found.prove(host, elsewhere, true);
    expect(found.traversal.confirm(host, 100)).toBe(false);
    found.traversal.prefersEmbedded = true;
    const pathless = found.insert(teredoAddress(4097));
    expect(found.traversal.confirm(pathless, 100)).toBe(false);
  });

  it('[SNS-20] is put to a peer that was reached at its random port, wherever that is', () => {
    const bench = new PortBench('preserved', { serverLoadReduction: true });
    Object.assign(bench, { isSeenElsewhere: () => true });
    const peer = bench.insert();
    bench.prove(peer, mapped, false);
    expect(bench.traversal.confirm(peer, 100)).toBe(false);
    bench.ports.open(peer, 100);
    bench.prove(peer, { ...mapped, portId: 2 }, false);
    expect(bench.traversal.confirm(peer, 100)).toBe(true);
  });

  it('[UPNP-14] is put without nonces, too, where that extension is off', () => {
    const bench = new SeenElsewhere({ extensions: { ...asking, symmetricNatSupport: false } });
    bench.traversal.prefersEmbedded = true;
    const peer = bench.insert();
    bench.prove(peer, mapped, false);
    bench.traversal.table.heard(peer, 0);
    expect([bench.traversal.verify(peer, 0), bench.asked()]).toEqual([true, [`${direct}?`]]);
    // It sees this host elsewhere, and none of its nonces is known: it is asked in a burst.
    expect(bench.askTo(2_000)).toEqual({ 2000: [`${direct}?`, indirect] });
  });

  it('[UPNP-14] is put three times, and then the peer counts as not reached, without another burst', () => {
    const bench = new SeenElsewhere({ extensions: asking });
    bench.seenElsewhere = false;
    bench.traversal.prefersEmbedded = true;
    const peer = bench.meet(0);
    bench.traversal.verify(peer, 0);
    bench.asked();
    expect(bench.askTo(60_000)).toEqual({ 2000: [`${there}?`], 4000: [`${there}?`], 6000: [] });
    expect([bench.failed.length, bench.traversal.table.isTrusted(peer)]).toEqual([1, false]);
  });

  it('[SLR-12][CL-B-07] counts as a transmission, so that no burst follows within 2 s', () => {
    const found = new SeenElsewhere({ extensions: asking });
    const peer = found.find(0);
    found.traversal.confirm(peer, 1_000);
    expect([found.traversal.mayBubble(peer, 2_999), found.traversal.mayBubble(peer, 3_000)]).toEqual([false, true]);
  });
});

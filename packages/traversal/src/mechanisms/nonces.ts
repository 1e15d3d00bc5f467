import { readUint32 } from '@navalis/address';
import type { Milliseconds, RandomSource } from '@navalis/engine';
import { nonceLifetimeMs } from '../choices.ts';
import type { PeerIndex, PeerRemovalListener, PeerTable } from '../peers/peer-table.ts';

const none = 0;

/** The nonces of bubbles (RFC 6081 5.2.1): the last one sent to each peer through its server, and the last one received so. */
export class Nonces implements PeerRemovalListener {
  readonly #random: RandomSource;
  readonly #sent: Uint32Array;
  readonly #sentAt: Float64Array;
  readonly #received: Uint32Array;
  readonly #receivedAt: Float64Array;
  /** 1 for a received nonce that came by a server that is known to serve this host or the peer. */
  readonly #isVouched: Uint8Array;
  readonly #scratch: Uint8Array = new Uint8Array(4);

  constructor(table: PeerTable, random: RandomSource) {
    this.#random = random;
    this.#sent = new Uint32Array(table.rowCount);
    this.#sentAt = new Float64Array(table.rowCount);
    this.#received = new Uint32Array(table.rowCount);
    this.#receivedAt = new Float64Array(table.rowCount);
    this.#isVouched = new Uint8Array(table.rowCount);
    table.onRemoval(this);
  }

  /** Draws the nonce of the indirect bubble that leaves now: never 0, which means none (SNS-03, SNS-15). */
  draw(peer: PeerIndex, now: Milliseconds): number {
    this.#random.fill(this.#scratch);
    const nonce = readUint32(this.#scratch, 0) || 1;
    this.#sent[peer] = nonce;
    this.#sentAt[peer] = now;
    return nonce;
  }

  /** Returns true if this is the last nonce sent to the peer, less than 30 s ago (SNS-08, SNS-15). */
  isEcho(peer: PeerIndex, nonce: number, now: Milliseconds): boolean {
    return nonce !== none && nonce === this.#sent[peer] && now - this.#sentAt[peer]! < nonceLifetimeMs;
  }

  /** Returns true if this is the last nonce sent to the peer, but too old to match (TU-25). */
  isLate(peer: PeerIndex, nonce: number, now: Milliseconds): boolean {
    const isOld = now - this.#sentAt[peer]! >= nonceLifetimeMs;
    return isOld && nonce !== none && nonce === this.#sent[peer];
  }

  /** Returns the nonce of the last indirect bubble of the peer; 0 without one (SNS-06, SNS-07). */
  received(peer: PeerIndex): number {
    return this.#received[peer]!;
  }

  /** Returns true if the peer sent a nonce less than 30 s ago, and accepts bubbles with it (SNS-15). */
  isFresh(peer: PeerIndex, now: Milliseconds): boolean {
    return this.#received[peer] !== none && now - this.#receivedAt[peer]! < nonceLifetimeMs;
  }

  /**
   * Records the nonce of an indirect bubble; 0 if it has none. One that no known server passed on replaces none that a known server
   * passed on less than 30 s ago (SNS-22).
   */
  recordReceived(peer: PeerIndex, nonce: number, isVouched: boolean, now: Milliseconds): void {
    if (!isVouched && this.#isVouched[peer] === 1 && this.isFresh(peer, now)) return;
    this.#received[peer] = nonce;
    this.#receivedAt[peer] = now;
    this.#isVouched[peer] = isVouched ? 1 : 0;
  }

  peerRemoved(peer: PeerIndex): void {
    this.#sent[peer] = none;
    this.#received[peer] = none;
  }
}

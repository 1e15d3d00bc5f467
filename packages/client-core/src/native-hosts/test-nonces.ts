import type { Milliseconds, RandomSource } from '@navalis/engine';
import type { PeerIndex, PeerRemovalListener, PeerTable } from '@navalis/traversal';
import { echoDataLength, echoDataOffset, isEchoReply } from '@navalis/wire';
import { inboundTestSpacingMs, negativeCacheMs, testNonceLifetimeMs } from '../choices.ts';
import { testNonceLength } from '../constants.ts';

const never = Number.NEGATIVE_INFINITY;

/** For each peer the nonce of its connectivity test, and when it was drawn and failed. Bounded by the peer table. */
export class TestNonces implements PeerRemovalListener {
  readonly #nonces: Uint8Array;
  readonly #drawnAt: Float64Array;
  readonly #failedAt: Float64Array;
  readonly #random: RandomSource;

  constructor(table: PeerTable, random: RandomSource) {
    this.#nonces = new Uint8Array(testNonceLength * table.rowCount);
    this.#drawnAt = new Float64Array(table.rowCount).fill(never);
    this.#failedAt = new Float64Array(table.rowCount).fill(never);
    this.#random = random;
    table.onRemoval(this);
  }

  draw(peer: PeerIndex, now: Milliseconds): void {
    this.#random.fill(this.of(peer));
    this.#drawnAt[peer] = now;
    this.#failedAt[peer] = never;
  }

  /** The 16 octets of the last nonce drawn, in place. */
  of(peer: PeerIndex): Uint8Array {
    return this.#nonces.subarray(testNonceLength * peer, testNonceLength * (peer + 1));
  }

  /** Returns true if a reply with the nonce is still valid. */
  isOutstanding(peer: PeerIndex, now: Milliseconds): boolean {
    return now - this.#drawnAt[peer]! < testNonceLifetimeMs;
  }

  /** Returns true if the last attempt failed too recently to try again. */
  isBlocked(peer: PeerIndex, now: Milliseconds): boolean {
    return now - this.#failedAt[peer]! < negativeCacheMs;
  }

  hasFailed(peer: PeerIndex): boolean {
    return this.#failedAt[peer]! !== never;
  }

  /** Returns true if a test of this peer began too recently for incoming packets to cause another one. */
  isRecent(peer: PeerIndex, now: Milliseconds): boolean {
    return now - this.#drawnAt[peer]! < inboundTestSpacingMs;
  }

  /** Records that the attempt timed out. A late reply still counts while the nonce is valid. */
  fail(peer: PeerIndex, now: Milliseconds): void {
    this.#failedAt[peer] = now;
  }

  forget(peer: PeerIndex): void {
    this.#drawnAt[peer] = never;
    this.#failedAt[peer] = never;
  }

  /** Returns true if the packet is an Echo Reply with the peer's outstanding nonce, in a time that does not depend on the octets. */
  isAnsweredBy(peer: PeerIndex, bytes: Uint8Array, packetOffset: number, now: Milliseconds): boolean {
    if (!this.isOutstanding(peer, now) || !isEchoReply(bytes, packetOffset)) return false;
    if (echoDataLength(bytes, packetOffset) !== testNonceLength) return false;
    const data = packetOffset + echoDataOffset;
    const nonce = testNonceLength * peer;
    let difference = 0;
    for (let i = 0; i < testNonceLength; i++) difference |= bytes[data + i]! ^ this.#nonces[nonce + i]!;
    return difference === 0;
  }

  peerRemoved(peer: PeerIndex): void {
    this.forget(peer);
  }
}

import type { Counters, Milliseconds, RandomSource } from '@navalis/engine';
import type { BubbleTrailers } from '@navalis/wire';
import type { Extensions } from '../extensions.ts';
import type { PeerIndex, PeerTable } from '../peers/peer-table.ts';
import { Alternates } from './alternates.ts';
import { EchoTests } from './echo-tests.ts';
import { Nonces } from './nonces.ts';
import { type RandomPortOpener, RandomPorts } from './random-ports.ts';
import { Solicitations } from './solicitations.ts';
import { SymmetricPeers } from './symmetric-peers.ts';

/** The collaborators of mechanisms. */
export interface MechanismParts {
  readonly table: PeerTable;
  readonly random: RandomSource;
  readonly counters: Counters;
  readonly opener: RandomPortOpener;
}

/** The state per peer of the extensions that are on. None of them sends. */
export class Mechanisms {
  readonly symmetricNatSupport: boolean;
  /** Hairpinning needs nonces in any case (XC-09). */
  readonly nonces: Nonces | undefined;
  readonly symmetricPeers: SymmetricPeers | undefined;
  readonly alternates: Alternates | undefined;
  readonly solicitations: Solicitations | undefined;
  readonly randomPorts: RandomPorts | undefined;
  readonly echoTests: EchoTests | undefined;

  constructor(extensions: Extensions, { table, random, counters, opener }: MechanismParts) {
    const { symmetricNatSupport, portPreserving, sequentialPorts, hairpinning, serverLoadReduction } = extensions;
    this.symmetricNatSupport = symmetricNatSupport;
    this.nonces = symmetricNatSupport || hairpinning ? new Nonces(table, random) : undefined;
    this.symmetricPeers = symmetricNatSupport ? new SymmetricPeers(table) : undefined;
    this.alternates = hairpinning ? new Alternates(table) : undefined;
    this.solicitations = serverLoadReduction ? new Solicitations(table) : undefined;
    this.randomPorts = portPreserving ? new RandomPorts(table, opener, counters) : undefined;
    this.echoTests = sequentialPorts ? new EchoTests(random) : undefined;
  }

  /**
   * Records the nonce of an indirect bubble of the peer; 0 if it has none (SNS-06, SNS-07). `isVouched`: the own server or that of the
   * peer passed it on (SNS-22).
   */
  recordNonce(peer: PeerIndex, nonce: number, isVouched: boolean, now: Milliseconds): void {
    this.nonces?.recordReceived(peer, nonce, isVouched, now);
  }

  /** Records the alternate endpoints in an indirect bubble of the peer, if there are any (HP-11). */
  recordAlternates(peer: PeerIndex, trailers: BubbleTrailers): void {
    if (trailers.alternateCount > 0) this.alternates?.replace(peer, trailers);
  }

  /** Returns true if a bubble with this nonce answers the last indirect one that the peer was sent (SNS-08). */
  isEcho(peer: PeerIndex, nonce: number, now: Milliseconds): boolean {
    return this.nonces?.isEcho(peer, nonce, now) === true;
  }

  /** Returns true if a bubble with this nonce answers that last one, but too late. */
  isLateEcho(peer: PeerIndex, nonce: number, now: Milliseconds): boolean {
    return this.nonces?.isLate(peer, nonce, now) === true;
  }

  /** Returns the nonce that the peer waits for; 0 without one. */
  nonceOf(peer: PeerIndex): number {
    return this.nonces?.received(peer) ?? 0;
  }

  /** A bubble came from another endpoint than the peer's address embeds. Returns true for the first one (UPNP-12). */
  recordMismatch(peer: PeerIndex): boolean {
    return this.symmetricPeers?.mark(peer) === true;
  }
}

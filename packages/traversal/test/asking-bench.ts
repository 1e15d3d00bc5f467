import { BubbleTrailers, discoveryTypes, nextHeaders } from '@navalis/wire';
import { type Extensions, noExtensions, type PeerIndex } from '../src/index.ts';
import { Bench, elsewhere, handledTo } from './bench.ts';

/** The extensions with which peers are asked for advertisements. */
export const asking: Extensions = { ...noExtensions, symmetricNatSupport: true, serverLoadReduction: true };

/** A bench whose peers see this host at another endpoint than its address embeds, where the test says so. */
export class SeenElsewhere extends Bench {
  seenElsewhere = true;

  isSeenElsewhere(): boolean {
    return this.seenElsewhere;
  }

  /** A peer that was found by its nonce, and sent one at this time; nothing was sent to it for long. */
  find(nonceAt: number | undefined): PeerIndex {
    const peer = this.insert();
    if (nonceAt !== undefined) this.traversal.mechanisms.recordNonce(peer, 7, true, nonceAt);
    this.prove(peer, elsewhere, true);
    this.traversal.table.heard(peer, 0);
    return peer;
  }

  /** Returns the destinations of what left since the last call, with a mark: `?` asks for an advertisement, `!` is one, `=` is data. */
  asked(): string[] {
    const marks = this.outputs.datagrams.map(({ payload }) => markOf(payload));
    return this.sent().map((to, index) => `${to}${marks[index]}`);
  }

  /** Handles the deadlines up to a time, and returns what left by time, as `asked` does. */
  askTo(end: number): Record<number, string[]> {
    return handledTo(end, this.traversal, () => this.asked());
  }
}

function markOf(payload: Uint8Array): string {
  if (payload[6] !== nextHeaders.none) return '=';
  const trailers = new BubbleTrailers();
  trailers.read(payload, 40, payload.length - 40);
  if (trailers.discoveryType === discoveryTypes.solicitation) return '?';
  return trailers.discoveryType === discoveryTypes.advertisement ? '!' : '';
}

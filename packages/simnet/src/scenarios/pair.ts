import type { NatKind } from '@navalis/nat';
import { allExtensions, type Extensions } from '@navalis/traversal';
import type { ClientNode } from '../teredo/client-node.ts';
import { type Internet, internet } from '../teredo/internet.ts';

/** Two clients behind NATs of these kinds, each with a server of its own. */
export interface Pair {
  readonly net: Internet;
  readonly alice: ClientNode;
  readonly bob: ClientNode;
}

export function pairOf(from: NatKind, to: NatKind, seed: number, extensions: Extensions = allExtensions): Pair {
  const net = internet({ seed });
  const options = { extensions };
  const alice = net.client({ name: 'alice', nat: from, server: net.server(), options });
  const bob = net.client({ name: 'bob', nat: to, server: net.server(), options });
  return { net, alice, bob };
}

/** How a pair fared: the time from the first packet to its answer, or which side is off-line. */
export type PairOutcome =
  | { readonly kind: 'connected'; readonly contactMs: number }
  | { readonly kind: 'off-line'; readonly side: 'first' | 'second' | 'both' };

/**
 * Lets both qualify, exchanges an echo and sends 20,000 octets each way.
 * @throws Error when two qualified clients do not get their data across.
 */
export function connect({ net, alice, bob }: Pair): PairOutcome {
  const hasDecided = (client: ClientNode) => client.isQualified || client.status.state === 'off-line';
  net.until('both know where they stand', () => hasDecided(alice) && hasDecided(bob), 24_000);
  if (!alice.isQualified || !bob.isQualified) {
    const side = bob.isQualified ? 'first' : alice.isQualified ? 'second' : 'both';
    return { kind: 'off-line', side };
  }
  const ping = alice.ping(bob, 1000);
  const contactMs = net.until('the echo is answered', () => ping.answeredAt !== undefined, 30_000);
  for (const transfer of [alice.transfer(bob, 20_000), bob.transfer(alice, 20_000)]) {
    net.until('the transfer is complete', () => transfer.completedAt !== undefined);
    if (!transfer.isIntact) throw new Error('The content has changed on its way.');
  }
  return { kind: 'connected', contactMs };
}

import type { PathQuality } from '../paths/path-quality.ts';
import { internet } from '../teredo/internet.ts';

/** 30 % loss and 20 % reordering on every path through the Internet. */
export const roughPath: Partial<PathQuality> = { loss: 0.3, reordering: 0.2, reorderingDelayMs: 200 };

export interface FirstContact {
  /** From the start of both clients until the last of them has an address. */
  readonly qualifiedMs: number;
  /** From the start until the first echo is answered. */
  readonly connectedMs: number;
  /** How often one of them was off-line in between. */
  readonly offlineCount: number;
}

/**
 * Two clients behind port-restricted NATs start; the one pings the other every second from the moment both have an address.
 * @throws Error when there is no answer within half an hour.
 */
export function firstContact(seed: number, core: Partial<PathQuality>): FirstContact {
  const net = internet({ seed, core });
  const alice = net.client({ name: 'alice', nat: 'port-restricted', server: net.server() });
  const bob = net.client({ name: 'bob', nat: 'port-restricted', server: net.server() });
  const withinMs = 1_800_000;
  const qualifiedMs = net.until('both have an address', () => alice.isQualified && bob.isQualified, withinMs);
  const ping = alice.ping(bob, 1000);
  net.until('the echo is answered', () => ping.answeredAt !== undefined, withinMs);
  const offlineCount = [...alice.events, ...bob.events].filter((event) => event.kind === 'off-line').length;
  return { qualifiedMs, connectedMs: net.now, offlineCount };
}

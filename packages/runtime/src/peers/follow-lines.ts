import { formatEndpointText } from '@navalis/address';
import type { DropReason } from '@navalis/engine';
import { dropExplanations } from '@navalis/telemetry';
import { pathTexts } from '../status/status-page.ts';
import type { PeerRoute, WatchEvent } from './peer-watch.ts';

/** An event as it is streamed; the first one names the peer. */
export type TimedEvent = { readonly at: string } & (
  | WatchEvent
  | { readonly kind: 'watching'; readonly address: string }
);

const routeTexts: Readonly<Record<PeerRoute, string>> = {
  direct: 'straight to the peer',
  server: "through the peer's server",
  elsewhere: 'to another endpoint of the peer',
  'own-server': 'through the server of this client',
  relay: "through the peer's relay",
};

/** Formats an event for people. */
export function followLine(event: TimedEvent): string {
  return `${event.at.slice(11, 23)}  ${textOf(event)}`;
}

function textOf(event: TimedEvent): string {
  switch (event.kind) {
    case 'watching':
      return `Watching ${event.address}.`;
    case 'received':
      return `${packetsOf(event)} from ${formatEndpointText(event.from)}: ${verdictOf(event)}`;
    case 'taken':
      return `${packetsOf(event)} of this host: ${verdictOf(event)}`;
    case 'sent':
      return `${packetsOf(event)} sent to ${formatEndpointText(event.to)}, ${routeTexts[event.route]}`;
    case 'state':
      return `Peer is ${stateOf(event)}`;
    case 'request':
      return `Request ${event.sequence}`;
    case 'reply':
      return `Reply ${event.sequence} after ${event.roundTripMs.toFixed(1)} ms`;
    case 'no-reply':
      return `No reply to request ${event.sequence}`;
    case 'left-out':
      return `${event.count} events left out`;
    case 'done':
      return 'Done.';
  }
}

type Packets = { readonly packet: string; readonly count: number; readonly octets: number };

function packetsOf({ packet, count, octets }: Packets): string {
  return `${count === 1 ? packet : `${count} packets of ${packet}`}, ${octets} octets,`;
}

function verdictOf({ verdict, reason }: Extract<TimedEvent, { verdict: string }>): string {
  if (reason === undefined) return verdict;
  return `${verdict} (${reason}): ${dropExplanations[reason].meaning}`;
}

function stateOf({ state, reason, path, endpoint }: Extract<TimedEvent, { kind: 'state' }>): string {
  if (state === 'unknown') return 'not known: no packet of either side has named it.';
  const way = path === undefined ? '' : ` ${pathTexts[path]}`;
  return `${state}${reason === undefined ? '' : ` (${reason})`}${way}${endpoint === undefined ? '' : `, ${formatEndpointText(endpoint)}`}.`;
}

/** Counts the echo requests and replies of a ping, and the requests that the program itself dropped. */
export class PingSummary {
  sent = 0;
  received = 0;
  readonly #dropped = new Map<DropReason, number>();
  #total = 0;
  #shortest = Number.POSITIVE_INFINITY;
  #longest = 0;

  /** Returns a sentence that is news after this event: why the program drops the requests. */
  add(event: TimedEvent): string | undefined {
    if (event.kind === 'no-reply' && event.reason !== undefined) return this.#addDrop(event.reason);
    if (event.kind === 'request') this.sent += 1;
    if (event.kind === 'reply') this.#addReply(event);
    return undefined;
  }

  #addDrop(reason: DropReason): string | undefined {
    const count = this.#dropped.get(reason) ?? 0;
    this.#dropped.set(reason, count + 1);
    return count === 0 ? `This program drops the requests (${reason}). ${explanationOf(reason)}` : undefined;
  }

  #addReply(event: Extract<TimedEvent, { kind: 'reply' }>): void {
    this.received += 1;
    this.#total += event.roundTripMs;
    this.#shortest = Math.min(this.#shortest, event.roundTripMs);
    this.#longest = Math.max(this.#longest, event.roundTripMs);
  }

  text(): string {
    const { sent, received } = this;
    const lost = sent === 0 ? 0 : Math.max(0, Math.round((1 - received / sent) * 100));
    const spread = [this.#shortest, this.#total / received, this.#longest].map((ms) => ms.toFixed(1)).join('/');
    const counts = `${sent} sent, ${received} received, ${lost}% lost${received === 0 ? '' : `; min/avg/max ${spread} ms`}`;
    const drops = [...this.#dropped].map(
      ([reason, count]) => `${count} dropped by this program (${reason}). ${explanationOf(reason)}`,
    );
    return [counts, ...drops].map((line) => `${line}\n`).join('');
  }
}

function explanationOf(reason: DropReason): string {
  const { meaning, cure } = dropExplanations[reason];
  return `${meaning} ${cure}`;
}

import { formatIpv4, type Ipv4Value } from '@navalis/address';
import type { Milliseconds, PacketRun } from '@navalis/engine';
import { Crowd } from './crowd.ts';
import { EchoTraffic } from './echo-traffic.ts';
import type { LoadFigures } from './figures.ts';
import { type LoadAddresses, loadAddresses } from './load-addresses.ts';
import type { ClientObserver, LoadClient } from './load-client.ts';
import { Histogram } from './requests/quantiles.ts';
import type { LoadOrder, LoadSettings } from './settings.ts';

/** Clients that may be started in one turn, so that answers do not wait for long. */
const startsPerTurn = 16;

/** The time between looks at orders. */
const sliceMs = 20;

/** The clients, their traffic, and what is counted of both. */
export class Generator implements ClientObserver {
  isStopped = false;
  readonly #settings: LoadSettings;
  readonly #crowd: Crowd;
  readonly #traffic: EchoTraffic;
  readonly #begunAt: Milliseconds = performance.now();
  readonly #qualifyingTimes: Histogram = new Histogram();
  readonly #failures: Record<string, number> = {};
  /** Solicitations since the last figures, by address of the server. */
  #solicitations: Map<Ipv4Value, number> = new Map();
  #restarts = 0;

  private constructor(settings: LoadSettings, addresses: LoadAddresses) {
    this.#settings = settings;
    this.#traffic = new EchoTraffic(settings, addresses.hosts, this.#begunAt);
    this.#crowd = new Crowd(settings, addresses, this, (client) => this.#traffic.answer(client, this.#crowd));
  }

  static async open(settings: LoadSettings): Promise<Generator> {
    return new Generator(settings, await loadAddresses(settings));
  }

  /** Works until `stop` is ordered, and returns the last figures. Gives other work of this thread its turn now and then. */
  async run(): Promise<LoadFigures> {
    while (!this.isStopped) {
      const sliceEndsAt = performance.now() + sliceMs;
      do this.#step(sliceEndsAt);
      while (performance.now() < sliceEndsAt);
      await new Promise((resolve) => setImmediate(resolve));
    }
    // Before the clients end, which costs them their addresses.
    const last = this.figures();
    this.#crowd.close();
    return last;
  }

  order(order: LoadOrder): void {
    switch (order.kind) {
      case 'rate':
        this.#traffic.setRate(order.perSecond, performance.now());
        break;
      case 'reset':
        this.#traffic.exchanges.reset(performance.now());
        this.#restarts = 0;
        break;
      case 'stop':
        this.isStopped = true;
        break;
      default:
        order satisfies never;
    }
  }

  /** Returns what was counted; solicitations since the last call. */
  figures(): LoadFigures {
    const now = performance.now();
    const { exchanges, openingTimes } = this.#traffic;
    const qualified = this.#crowd.clients.flatMap(({ isQualified, address }) =>
      isQualified && address !== undefined ? [address] : [],
    );
    const solicitations = [...this.#solicitations].map(([server, count]) => [formatIpv4(server), count] as const);
    this.#solicitations = new Map();
    return {
      seconds: (now - this.#begunAt) / 1_000,
      clients: this.#settings.clients,
      started: this.#crowd.clients.length,
      qualified: qualified.length,
      served: countOf(qualified.map(({ word1 }) => formatIpv4(word1))),
      mappedAddresses: new Set(qualified.map(({ word3 }) => word3)).size,
      qualifiedMs: this.#qualifyingTimes.quantiles(),
      failures: { ...this.#failures },
      ...exchanges.figures(now),
      openedMs: openingTimes.quantiles(),
      restarts: this.#restarts,
      solicitations: Object.fromEntries(solicitations),
    };
  }

  delivered(_client: LoadClient, run: PacketRun): void {
    this.#traffic.delivered(run, this.#crowd.now);
  }

  solicited(server: Ipv4Value): void {
    this.#solicitations.set(server, (this.#solicitations.get(server) ?? 0) + 1);
  }

  qualified(client: LoadClient, isFirst: boolean): void {
    if (!isFirst) return;
    const { now } = this.#crowd;
    this.#qualifyingTimes.add(now - client.startedAt);
    this.#traffic.ready(client, now);
  }

  unqualified(): void {
    this.#restarts += 1;
  }

  failed(reason: string): void {
    this.#failures[reason] = (this.#failures[reason] ?? 0) + 1;
  }

  #step(endsAt: Milliseconds): void {
    const now = performance.now();
    const nextAt = Math.min(endsAt, this.#nextStartAt, this.#traffic.nextDeadline());
    this.#crowd.step(nextAt - now);
    for (let left = startsPerTurn; left > 0 && this.#nextStartAt <= this.#crowd.now; left--) this.#crowd.startNext();
    this.#traffic.handleDeadline(this.#crowd);
    this.#crowd.flush();
  }

  get #nextStartAt(): Milliseconds {
    const started = this.#crowd.clients.length;
    if (started === this.#settings.clients) return Number.POSITIVE_INFINITY;
    return this.#begunAt + (started * 1_000) / this.#settings.startsPerSecond;
  }
}

/** Counts equal elements. */
function countOf(elements: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const element of elements) counts[element] = (counts[element] ?? 0) + 1;
  return counts;
}

import type { ClientOptions } from '@navalis/client-core';
import type { Milliseconds } from '@navalis/engine';
import { internet } from '../teredo/internet.ts';
import type { ServerNode } from '../teredo/server-node.ts';

export interface FleetOptions {
  readonly clients: number;
  readonly servers: number;
  /** So many servers die at the same moment. */
  readonly deaths: number;
  readonly order: NonNullable<ClientOptions['serverOrder']>;
  readonly seed: number;
}

/** The load of one server. */
interface ServerLoad {
  /** Clients that have their address from it at the end. */
  readonly clients: number;
  /** Solicitations in its busiest second after the deaths. */
  readonly peakPerSecond: number;
  /** Solicitations a second before the deaths, on average. */
  readonly usualPerSecond: number;
}

export interface FleetRecovery {
  /** Until all clients have an address of a server that is alive. */
  readonly recoveredMs: Milliseconds;
  readonly survivors: readonly ServerLoad[];
}

const startMs = 60_000;
const settlingMs = 60_000;
const smallCapacity = { peerCapacity: 16, queueCapacity: 16 };

/**
 * Clients behind NATs, each with the same list of servers, of which some die at the same moment.
 * @throws Error when a client is not qualified before the deaths, or 10 min after them.
 */
export function serverDeaths({ clients, servers: count, deaths, order, seed }: FleetOptions): FleetRecovery {
  const net = internet({ seed });
  const servers = Array.from({ length: count }, () => net.server());
  const people = Array.from({ length: clients }, (_, index) => {
    const options = { ...smallCapacity, serverOrder: order };
    const client = net.client({ nat: 'port-restricted', server: servers, stopped: true, options });
    net.clock.after((index / clients) * startMs, () => client.start());
    return client;
  });
  net.run(startMs + settlingMs);
  if (!people.every((client) => client.isQualified)) throw new Error('Some clients have no address before the deaths.');
  const meters = servers.map((server) => new SolicitationMeter(server));
  const measuringMs = 60_000;
  for (let passed = 0; passed < measuringMs; passed += 1_000) {
    net.run(1_000);
    for (const meter of meters) meter.read();
  }
  const usual = meters.map((meter) => meter.total / (measuringMs / 1_000));
  const [dead, alive] = [servers.slice(0, deaths), servers.slice(deaths)];
  for (const server of dead) server.stop();
  for (const meter of meters) meter.reset();
  const isServed = () =>
    people.every((client) => client.isQualified && !dead.some(({ primary }) => client.address?.word1 === primary));
  let recoveredMs = 0;
  for (; !isServed(); recoveredMs += 1_000) {
    if (recoveredMs >= 600_000) throw new Error('Some clients are without an address 10 minutes after the deaths.');
    net.run(1_000);
    for (const meter of meters) meter.read();
  }
  return {
    recoveredMs,
    survivors: alive.map((server, index) => ({
      clients: people.filter((client) => client.address?.word1 === server.primary).length,
      peakPerSecond: meters[deaths + index]!.peak,
      usualPerSecond: usual[deaths + index]!,
    })),
  };
}

/** Counts the solicitations of a server from reading to reading. */
class SolicitationMeter {
  readonly #server: ServerNode;
  #before: number;
  peak = 0;
  total = 0;

  constructor(server: ServerNode) {
    this.#server = server;
    this.#before = this.#count;
  }

  read(): void {
    const now = this.#count;
    this.peak = Math.max(this.peak, now - this.#before);
    this.total += now - this.#before;
    this.#before = now;
  }

  reset(): void {
    this.read();
    this.peak = 0;
    this.total = 0;
  }

  get #count(): number {
    return this.#server.status.counters.solicitationsReceived;
  }
}

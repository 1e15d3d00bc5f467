import type { Milliseconds } from '@navalis/engine';
import type { Ipv6Host } from '../../hosts/ipv6-host.ts';
import { SimRandom } from '../../sim-random.ts';
import type { FleetSize, Population } from './population.ts';

const everyMs = 2000;

/** An echo request every 2 s from one client, to another client or to a native host. */
export class Flow {
  /** The relay nearest to the native host; -1 for two clients. */
  readonly relay: number;
  sent = 0;
  answered = 0;
  /** The first answer to a request that left at `#since` or later; -1 while there is none. */
  answeredAt: Milliseconds = -1;
  #since: Milliseconds = 0;
  readonly #from: Ipv6Host;
  readonly #to: Ipv6Host;

  constructor(from: Ipv6Host, to: Ipv6Host, relay: number) {
    this.#from = from;
    this.#to = to;
    this.relay = relay;
  }

  /** Looks for the first answer to a later request. */
  watch(now: Milliseconds): void {
    this.#since = now;
    this.answeredAt = -1;
  }

  send(now: () => Milliseconds): void {
    this.sent++;
    this.#from.ping(this.#to, undefined, ({ startedAt }) => {
      this.answered++;
      if (this.answeredAt < 0 && startedAt >= this.#since) this.answeredAt = now();
    });
  }
}

/** Returns the flows of all clients that have traffic, which begin in the next 2 s: half with native hosts, half with each other. */
export function startFlows({ net, clients, hosts }: Population, { talkers }: FleetSize, seed: number): Flow[] {
  const random = new SimRandom(`${seed}/flows`);
  const talking = clients.filter((_, index) => index % talkers === 0);
  return talking.map((from, index) => {
    const relay = index % 2 === 0 ? (index / 2) % hosts.length : -1;
    const flow = new Flow(from, relay < 0 ? talking[index - 1]! : hosts[relay]!, relay);
    const send = (): void => {
      flow.send(() => net.now);
      net.clock.after(everyMs, send);
    };
    net.clock.after(random.below(everyMs), send);
    return flow;
  });
}

import type { Ipv4Value } from '@navalis/address';
import type { RandomSource } from '@navalis/engine';
import type { TeredoServer } from '../options.ts';
import type { Learned } from '../solicitation/advertisement.ts';
import { OutstandingNonces } from '../solicitation/outstanding-nonces.ts';

/** A server that is asked what it sees of the mapping. */
export interface Candidate {
  readonly server: TeredoServer;
  readonly nonces: OutstandingNonces;
  /** The mapping that it saw; undefined until it has answered. */
  seen: Learned | undefined;
}

/** Servers that are asked at the same time what they see of the mapping, in groups. Bounded by the list. */
export class Candidates {
  readonly #groups: readonly (readonly Candidate[])[];
  #rounds = 0;

  constructor(groups: readonly (readonly TeredoServer[])[]) {
    this.#groups = groups.map((servers) =>
      servers.map((server) => ({ server, nonces: new OutstandingNonces(), seen: undefined })),
    );
  }

  get size(): number {
    return this.#all.length;
  }

  /** The number of those that have answered. */
  get answered(): number {
    return this.#all.filter(({ seen }) => seen !== undefined).length;
  }

  /**
   * Has `send` ask one server of each group in which none has answered yet, each time the next one: the clients of a dead server do not all
   * ask all of its equals.
   */
  ask(random: RandomSource, send: (server: TeredoServer, nonce: Uint8Array) => void): void {
    for (const group of this.#groups) {
      if (group.some(({ seen }) => seen !== undefined)) continue;
      const { server, nonces } = group[this.#rounds % group.length]!;
      send(server, nonces.draw(random));
    }
    this.#rounds++;
  }

  /** The one whose solicitations are answered from this address, if any is asked. */
  respondingAt(address: Ipv4Value, respondentOf: (server: TeredoServer) => Ipv4Value): Candidate | undefined {
    return this.#all.find(({ server }) => respondentOf(server) === address);
  }

  /** The most preferred one that sees a mapping of which the condition holds. */
  find(isGood: (seen: Learned) => boolean): Candidate | undefined {
    return this.#all.find(({ seen }) => seen !== undefined && isGood(seen));
  }

  get #all(): readonly Candidate[] {
    return this.#groups.flat();
  }
}

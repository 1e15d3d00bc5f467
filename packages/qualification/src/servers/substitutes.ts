import type { Ipv4Value } from '@navalis/address';
import type { RandomSource } from '@navalis/engine';
import type { TeredoServer } from '../options.ts';
import type { Learned } from '../solicitation/advertisement.ts';
import { OutstandingNonces } from '../solicitation/outstanding-nonces.ts';

/** A server that could take the place of a silent one. */
export interface Substitute {
  readonly server: TeredoServer;
  /** In the list of servers. */
  readonly index: number;
  readonly nonces: OutstandingNonces;
  /** The mapping that it saw; undefined until it has answered. */
  seen: Learned | undefined;
}

/**
 * The other servers of the list, asked what they see of the mapping while the server in use is silent. One that sees the
 * mapping of the address in use is alive, and shows that the mapping is alive too: the client changes over to it without
 * losing a moment. Bounded by the list.
 */
export class Substitutes {
  #all: readonly Substitute[] = [];

  /**
   * Begins to ask all but the server at this index, unless that has begun. Another entry with its primary address is the same
   * server: its answers could not be distinguished from those of the server in use.
   */
  begin(servers: readonly TeredoServer[], current: number): void {
    if (this.#all.length > 0) return;
    const inUse = servers[current]!.primary;
    this.#all = servers.flatMap((server, index) =>
      server.primary === inUse ? [] : [{ server, index, nonces: new OutstandingNonces(), seen: undefined }],
    );
  }

  end(): void {
    this.#all = [];
  }

  /** Has `send` ask each that has not answered yet. */
  ask(random: RandomSource, send: (server: TeredoServer, nonce: Uint8Array) => void): void {
    for (const { server, nonces, seen } of this.#all) if (seen === undefined) send(server, nonces.draw(random));
  }

  /** The one whose solicitations are answered from this address, if any is asked. */
  respondingAt(address: Ipv4Value, respondentOf: (server: TeredoServer) => Ipv4Value): Substitute | undefined {
    return this.#all.find(({ server }) => respondentOf(server) === address);
  }

  /** The most preferred one that sees a mapping of which the condition holds. */
  find(isGood: (seen: Learned) => boolean): Substitute | undefined {
    return this.#all.find(({ seen }) => seen !== undefined && isGood(seen));
  }
}

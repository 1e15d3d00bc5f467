import type { Ipv4Value } from '@navalis/address';
import type { Milliseconds, OfflineReason, RandomSource } from '@navalis/engine';
import { solicitationTimeoutMs, solicitationTransmissions } from '../constants.ts';
import type { QualificationOptions, TeredoServer } from '../options.ts';
import { RetrySchedule } from './retry-schedule.ts';

/** The servers in order of preference, and which of them is in use or next to be used. */
export class ServerList {
  readonly #schedule: RetrySchedule;
  #all: readonly TeredoServer[];
  /** Primary addresses of servers that this host has no route to: nothing is sent for an address there. */
  unreachable: readonly Ipv4Value[];

  constructor(options: QualificationOptions, random: RandomSource) {
    this.#all = options.servers;
    this.unreachable = options.unreachable ?? [];
    const phases = options.trustsConeBit === true ? 2 : 1;
    this.#schedule = new RetrySchedule(
      {
        servers: options.servers.length,
        keepsPort: options.keepsPort ?? false,
        silentServerMs: phases * solicitationTransmissions * solicitationTimeoutMs,
      },
      random,
    );
  }

  get all(): readonly TeredoServer[] {
    return this.#all;
  }

  /** The index of the server in use. */
  get index(): number {
    return this.#schedule.current;
  }

  get inUse(): TeredoServer {
    return this.#all[this.index]!;
  }

  /** Returns true if this host has a route to the server in use. */
  get hasRoute(): boolean {
    return !this.unreachable.includes(this.inUse.primary);
  }

  /** Those that come before the server in use. */
  get preferred(): readonly TeredoServer[] {
    return this.#all.slice(0, this.index);
  }

  /** Returns the index of a server; -1 if it is not in the list. */
  indexOf({ primary, secondary }: TeredoServer): number {
    return this.#all.findIndex((each) => each.primary === primary && each.secondary === secondary);
  }

  replace(servers: readonly TeredoServer[]): void {
    this.#all = servers;
  }

  /** Uses the server at this index, as if nothing had failed. */
  use(index: number): void {
    this.#schedule.restart(this.#all.length, index);
  }

  /** Forgets past failures. The server in use stays. */
  forgetFailures(): void {
    this.#schedule.reset();
  }

  /** Goes on to the next server; returns the milliseconds to wait before it is tried. */
  fail(reason: OfflineReason): Milliseconds {
    return this.#schedule.fail(showsServer[reason]);
  }
}

/** Whether a server answered, and this host's NAT is the reason. */
const showsServer: Readonly<Record<OfflineReason, boolean>> = {
  'no-route': false,
  'server-silent': false,
  'no-authenticated-answer': false,
  'secondary-silent': false,
  symmetric: true,
  'mapped-not-global': true,
  'turn-unavailable': false,
};

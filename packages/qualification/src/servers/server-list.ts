import type { Ipv4Value } from '@navalis/address';
import type { Milliseconds, OfflineReason, RandomSource } from '@navalis/engine';
import { raceLimit } from '../choices.ts';
import { solicitationTimeoutMs, solicitationTransmissions } from '../constants.ts';
import type { QualificationOptions, ServerOrder, TeredoServer } from '../options.ts';
import { RetrySchedule } from './retry-schedule.ts';
import { arranged, groupsOf } from './server-order.ts';

const none: readonly Ipv4Value[] = [];

/** The servers in the order in which this client tries them, and which of them is in use or next to be used. */
export class ServerList {
  readonly #schedule: RetrySchedule;
  readonly #order: ServerOrder;
  readonly #random: RandomSource;
  #all: readonly TeredoServer[];
  /** The first one gave the address of the last run, and has not failed since. */
  #isFormerFirst: boolean;
  /** Primary addresses of servers that this host has no route to: nothing is sent for an address there. */
  unreachable: readonly Ipv4Value[];

  constructor(options: QualificationOptions, random: RandomSource) {
    const former = options.formerAddress?.word1;
    this.#order = options.serverOrder ?? 'listed';
    this.#random = random;
    this.#all = arranged(options.servers, this.#order, random, former);
    this.#isFormerFirst = this.#all[0]!.primary === former;
    this.unreachable = options.unreachable ?? none;
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

  /** The index of the server in use. */
  get index(): number {
    return this.#schedule.current;
  }

  get inUse(): TeredoServer {
    return this.#all[this.index]!;
  }

  /** Returns true if this host has a route to the server in use. */
  get hasRoute(): boolean {
    return this.#isReachable(this.inUse);
  }

  /** Those that are preferred to the server in use: its equals are not. */
  get preferred(): readonly TeredoServer[] {
    const groups = groupsOf(this.#all, this.#order);
    return groups
      .slice(
        0,
        groups.findIndex((group) => group.includes(this.inUse)),
      )
      .flat();
  }

  /**
   * The servers that could replace the one in use, equals in one group. Its own equals begin with the next one. Another entry with its
   * primary address is the same server: its answers could not be distinguished from those of the server in use.
   */
  get substitutes(): readonly (readonly TeredoServer[])[] {
    const { primary } = this.inUse;
    return groupsOf(this.#all, this.#order)
      .map((group) => {
        const next = group.indexOf(this.inUse) + 1;
        return [...group.slice(next), ...group.slice(0, next)].filter((server) => server.primary !== primary);
      })
      .filter((group) => group.length > 0);
  }

  /**
   * The servers to ask at once for the fastest; none unless that is the order, all are to be tried, and none gave the address of the last
   * run. Each is a group of its own.
   */
  get racers(): readonly (readonly TeredoServer[])[] {
    if (this.#order !== 'fastest' || this.#isFormerFirst || !this.#schedule.isRoundBegin) return [];
    const inTurn = [...this.#all.slice(this.index), ...this.#all.slice(0, this.index)];
    const reachable = inTurn.filter((server) => this.#isReachable(server)).slice(0, raceLimit);
    return reachable.length < 2 ? [] : reachable.map((server) => [server]);
  }

  /** Returns the index of a server; -1 if it is not in the list. */
  indexOf({ primary, secondary }: TeredoServer): number {
    return this.#all.findIndex((each) => each.primary === primary && each.secondary === secondary);
  }

  replace(servers: readonly TeredoServer[]): void {
    this.#all = arranged(servers, this.#order, this.#random);
  }

  /** Uses the server at this index, as if nothing had failed. */
  use(index: number): void {
    this.#isFormerFirst = false;
    this.#schedule.restart(this.#all.length, index);
  }

  /** Moves a server to a place in the order. The first place is the one in use; past failures count. */
  place(server: TeredoServer, place: number): void {
    const others = this.#all.filter((each) => each !== server);
    this.#all = [...others.slice(0, place), server, ...others.slice(place)];
    this.#schedule.current = 0;
  }

  /** Forgets past failures. The server in use stays. */
  forgetFailures(): void {
    this.#schedule.reset();
  }

  /** Goes on to the next server, or behind all of a race; returns the milliseconds to wait before it is tried. */
  fail(reason: OfflineReason, isOfAll: boolean): Milliseconds {
    this.#isFormerFirst = false;
    return this.#schedule.fail(reasonsOfNat.includes(reason), isOfAll);
  }

  #isReachable({ primary }: TeredoServer): boolean {
    return !this.unreachable.includes(primary);
  }
}

/** A server answered, and this host's NAT is the reason. */
const reasonsOfNat: readonly OfflineReason[] = ['symmetric', 'mapped-not-global'];

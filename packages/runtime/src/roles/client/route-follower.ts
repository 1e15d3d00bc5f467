import type { Ipv4Value } from '@navalis/address';
import { DeadlineTimer } from '../../scheduling/deadline-timer.ts';
import { SerialWork } from '../../scheduling/serial-work.ts';
import type { ControlContext } from '../shared/role-control.ts';

/** Our choice: the least time between checks. It doubles with each check that finds a change, so that flapping routes cost little. */
const leastSpacingMs = 500;
const longestSpacingMs = 8_000;

/** The interval between checks while nothing announces changes. */
const pollMs = 1_000;

/** Our choice: for how many servers to query the next hop, which costs a process each. */
const nextHopServers = 4;

/** The route to a server. */
interface Way {
  /** Undefined without a route. */
  readonly localAddress: Ipv4Value | undefined;
  /** Undefined before the first query. */
  readonly nextHop: string | undefined;
}

/** The followed servers, in order of preference. */
type Servers = readonly { readonly primary: Ipv4Value }[];

/**
 * Follows how this host routes to a client's servers (RT-05): default routes, host routes, those of a VPN, and rules that select
 * other tables. An announcement only says that a check is due.
 */
export class RouteFollower {
  readonly #source: Ipv4Value;
  readonly #context: Pick<ControlContext, 'announcements' | 'time' | 'routes'>;
  #servers: Servers = [];
  #ways: ReadonlyMap<Ipv4Value, Way> = new Map();
  readonly #looks: SerialWork = new SerialWork();
  #ends: readonly (() => void)[] = [];
  #spacingMs = leastSpacingMs;
  #lookedAt = Number.NEGATIVE_INFINITY;
  readonly #timer: DeadlineTimer;
  #changed: () => void = () => undefined;
  /** The host changed: the next check reports in any case. */
  #isOwed = false;

  /** `source` is the address that sockets are bound to; 0 leaves it to routing. */
  constructor(source: Ipv4Value, context: Pick<ControlContext, 'announcements' | 'time' | 'routes'>) {
    this.#source = source;
    this.#context = context;
    this.#timer = new DeadlineTimer(context.time, () => void this.#lookAndTell(true));
  }

  /** Returns the local address towards the first server with a route. */
  get localAddress(): Ipv4Value | undefined {
    return [...this.#ways.values()].find(({ localAddress }) => localAddress !== undefined)?.localAddress;
  }

  /** Returns the local address towards one server; before its first check, that towards any server. */
  localAddressTowards(server: Ipv4Value): Ipv4Value | undefined {
    const way = this.#ways.get(server);
    return way === undefined ? this.localAddress : way.localAddress;
  }

  /** Primary addresses of servers without a route. */
  get unreachable(): readonly Ipv4Value[] {
    return [...this.#ways].filter(([, { localAddress }]) => localAddress === undefined).map(([primary]) => primary);
  }

  /** Finds the local addresses towards these servers. Never rejects. */
  async look(servers: Servers): Promise<void> {
    this.#servers = servers;
    await this.#look(false);
  }

  /** Calls `changed` when a route to a server changes, until `close`. */
  watch(changed: () => void): void {
    const { announcements, time } = this.#context;
    this.#changed = changed;
    const poll = () => {
      if (!announcements.isListening) void this.#lookAndTell(false);
    };
    this.#ends = [time.every(pollMs, poll), announcements.listen(() => this.#lookSoon())];
    this.#lookSoon();
  }

  /**
   * Handles a change of this host's addresses or gateways: checks now, and calls `changed` once for this change and what the kernel
   * announces of it. Resolves afterwards.
   */
  async hostChanged(): Promise<void> {
    this.#isOwed = true;
    this.#timer.clear();
    await this.#lookAndTell(true);
  }

  close(): void {
    for (const end of this.#ends) end();
    this.#ends = [];
    this.#timer.clear();
    void this.#looks.close();
  }

  #lookSoon(): void {
    if (!this.#timer.isSet) this.#timer.set(this.#lookedAt + this.#spacingMs);
  }

  async #lookAndTell(asksNextHop: boolean): Promise<void> {
    this.#lookedAt = this.#context.time.now();
    const isOther = (await this.#look(asksNextHop)) === true;
    this.#spacingMs = isOther ? Math.min(2 * this.#spacingMs, longestSpacingMs) : leastSpacingMs;
    const isTold = isOther || this.#isOwed;
    this.#isOwed = false;
    if (isTold && this.#ends.length > 0) this.#changed();
  }

  /** Resolves with whether a route has changed; undefined after `close`. */
  #look(asksNextHop: boolean): Promise<boolean | undefined> {
    return this.#looks.run(async () => {
      const before = this.#ways;
      const ways = this.#servers.map(
        async ({ primary }, index) =>
          [primary, await this.#wayTo(primary, asksNextHop && index < nextHopServers)] as const,
      );
      this.#ways = new Map(await Promise.all(ways));
      return [...this.#ways].some(([primary, way]) => !isSameWay(before.get(primary), way));
    });
  }

  async #wayTo(primary: Ipv4Value, asksNextHop: boolean): Promise<Way> {
    const { localAddress, nextHop } = this.#context.routes;
    const before = this.#ways.get(primary);
    const local = localAddress(primary, this.#source).catch(() => before?.localAddress);
    const hop = asksNextHop ? nextHop(primary, this.#source) : Promise.resolve(before?.nextHop);
    return { localAddress: await local, nextHop: await hop };
  }
}

/** Compares two routes. The first known next hop is not a change. */
function isSameWay(before: Way | undefined, way: Way): boolean {
  if (before?.localAddress !== way.localAddress) return false;
  return before?.nextHop === undefined || before.nextHop === way.nextHop;
}

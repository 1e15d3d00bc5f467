import { type Ipv4Value, parseIpv4 } from '@navalis/address';
import { type ClientConfiguration, ipv4PolicyOf } from '@navalis/config';
import type { ControlEvent } from '@navalis/life';
import { isSameServer, type ResolvedServer, resolveServers } from '../../host/names/resolve-servers.ts';
import type { NavalisError } from '../../navalis-error.ts';
import type { ControlContext } from '../shared/role-control.ts';
import { NameHistory } from './name-history.ts';

/** Our choice: the interval between look-ups of names while the client works. */
const lookUpEveryMs = 3_600_000;

/** Our choice: the least time between look-ups, while the client has an address and while it has none. */
const leastSpacingMs = 60_000;
const leastSpacingOfflineMs = 5_000;

/**
 * The servers of a client with their present addresses. It looks names up again each hour and after a failure, and reports every
 * change (SEC-32): anyone who controls the name chooses the server.
 */
export class ServerList {
  #configuration: ClientConfiguration;
  readonly #context: ControlContext;
  #servers: readonly ResolvedServer[] = [];
  /** The server in use, before the first address that of the last run; undefined while there is none. */
  kept: Ipv4Value | undefined;
  readonly #history: NameHistory = new NameHistory();
  /** Names that the last look-up found at an address that is new. */
  #renewed: ReadonlySet<string> = new Set();
  #lookedUpAt = Number.NEGATIVE_INFINITY;
  #endLookUps: () => void = () => undefined;
  #cancelRetry: () => void = () => undefined;
  #isLookingUp = false;
  #isClosed = false;
  /** The last error that was logged, until a look-up succeeds. */
  #told: string | undefined;

  constructor(configuration: ClientConfiguration, context: ControlContext, kept?: Ipv4Value) {
    this.#configuration = configuration;
    this.#context = context;
    this.kept = kept;
  }

  get servers(): readonly ResolvedServer[] {
    return this.#servers;
  }

  /** The configured name of the server with this address; undefined when it was configured by address. */
  nameOf(address: number): string | undefined {
    const name = this.#servers.find((server) => server.primary === address)?.name;
    return name === undefined || parseIpv4(name) !== undefined ? undefined : name;
  }

  /** Looks up all names. @throws NavalisError `name-not-resolved` when none resolves, `configuration` when an address is no server's. */
  async resolve(): Promise<void> {
    const servers = await this.#lookUp((error) => {
      if (!this.#isClosed) this.#context.logger.warn(error.message);
    });
    if (!this.#isClosed) this.#servers = servers;
  }

  /** Calls `changed` with the events to report, whenever the servers differ from before. */
  watch(changed: (events: readonly ControlEvent[]) => void): void {
    if (!this.#hasNames) return;
    this.#endLookUps = this.#context.time.every(lookUpEveryMs, () => void this.refresh(changed));
  }

  /** Looks names up again, unless it did in the last minute. Never rejects. */
  refresh(changed: (events: readonly ControlEvent[]) => void): Promise<void> {
    return this.#refresh(leastSpacingMs, changed);
  }

  /** Does the same for a client without an address, unless it did in the last 5 s. */
  refreshForRetry(changed: (events: readonly ControlEvent[]) => void): Promise<void> {
    return this.#refresh(leastSpacingOfflineMs, changed);
  }

  /** Replaces the servers once the names of the others resolve, which it tries each 5 s. Never rejects. */
  reconfigure(configuration: ClientConfiguration, changed: (events: readonly ControlEvent[]) => void): Promise<void> {
    this.#configuration = configuration;
    this.#endLookUps();
    this.#cancelRetry();
    this.watch(changed);
    // An operator who changed the list knows that the addresses are others.
    return this.#replaceAtLast(() => changed([]));
  }

  /** Ends all reports, also that of a look-up in progress. */
  close(): void {
    this.#isClosed = true;
    this.#endLookUps();
    this.#cancelRetry();
  }

  async #refresh(spacingMs: number, changed: (events: readonly ControlEvent[]) => void): Promise<void> {
    if (!this.#hasNames || this.#isLookingUp || this.#context.time.now() - this.#lookedUpAt < spacingMs) return;
    await this.#replace(changed);
  }

  async #replaceAtLast(changed: () => void): Promise<void> {
    const configuration = this.#configuration;
    const isResolved = await this.#replace(changed);
    if (isResolved || this.#isClosed || configuration !== this.#configuration) return;
    const retry = () => void this.#replaceAtLast(changed);
    this.#cancelRetry = this.#context.time.after(leastSpacingOfflineMs, retry);
  }

  /** Returns false if no name resolves. */
  async #replace(changed: (events: readonly ControlEvent[]) => void): Promise<boolean> {
    const before = this.#servers;
    const configuration = this.#configuration;
    this.#isLookingUp = true;
    try {
      const servers = await this.#lookUp(() => undefined);
      // The list was replaced meanwhile.
      if (configuration !== this.#configuration) return true;
      this.#servers = servers;
      this.#told = undefined;
    } catch (error) {
      if (!this.#isClosed) this.#tell(`Keeping the present servers: ${(error as NavalisError).message}`);
      return false;
    } finally {
      this.#isLookingUp = false;
    }
    const isSame =
      before.length === this.#servers.length &&
      before.every((server, index) => isSameServer(server, this.#servers[index]!));
    if (!isSame && !this.#isClosed) changed(moves(before, this.#servers, this.#renewed));
    return true;
  }

  #tell(sentence: string): void {
    if (sentence !== this.#told) this.#context.logger.warn(sentence);
    this.#told = sentence;
  }

  get #hasNames(): boolean {
    return this.#configuration.servers.some(({ name }) => parseIpv4(name) === undefined);
  }

  async #lookUp(skipped: (error: NavalisError) => void): Promise<readonly ResolvedServer[]> {
    const now = this.#context.time.now();
    this.#lookedUpAt = now;
    const answers = new Map<string, readonly string[]>();
    const servers = await resolveServers(this.#configuration.servers, {
      policy: ipv4PolicyOf(this.#configuration),
      lookUp: async (name) => {
        const texts = await this.#context.lookUpName(name);
        answers.set(name, texts);
        return texts;
      },
      skipped,
      known: this.#servers,
      kept: this.kept,
      hadOneOf: (name, addresses) => this.#history.hadOneOf(name, addresses, now),
    });
    const renewed = [...answers].filter(([name, texts]) => this.#history.record(name, texts.map(toAddress), now));
    this.#renewed = new Set(renewed.map(([name]) => name));
    return servers;
  }
}

function toAddress(text: string): Ipv4Value {
  return parseIpv4(text)!;
}

/** Returns an event for each name with an address that is new, or with none of those before. */
function moves(
  before: readonly ResolvedServer[],
  after: readonly ResolvedServer[],
  renewed: ReadonlySet<string>,
): readonly ControlEvent[] {
  const names = new Set(after.map(({ name }) => name));
  return [...names].flatMap((name): ControlEvent[] => {
    const [earlier, now] = [addressesOf(before, name), addressesOf(after, name)];
    const isSame = earlier.length === now.length && now.every((address) => earlier.includes(address));
    const isSubset = !renewed.has(name) && now.some((address) => earlier.includes(address));
    return isSame || isSubset ? [] : [{ kind: 'server-moved', name, before: earlier, servers: now }];
  });
}

function addressesOf(servers: readonly ResolvedServer[], name: string): readonly Ipv4Value[] {
  return servers.filter((server) => server.name === name).map(({ primary }) => primary);
}

import { parseIpv4 } from '@navalis/address';
import { type ClientConfiguration, ipv4PolicyOf } from '@navalis/config';
import type { EngineEvent, NavalisError } from '@navalis/engine';
import { type ResolvedServer, resolveServers } from '../host/resolve-servers.ts';
import type { ControlContext } from './role-control.ts';

/** Our choice: names are looked up again so often while all is well, and at most so often when it is not. */
const lookUpEveryMs = 3_600_000;
const leastSpacingMs = 60_000;

/**
 * The servers of a client with their present addresses. Names are looked up again each hour and when something went wrong,
 * and every change is told (SEC-32): whoever answers for a name chooses the server.
 */
export class ServerList {
  readonly #configuration: ClientConfiguration;
  readonly #context: ControlContext;
  #servers: readonly ResolvedServer[] = [];
  #lookedUpAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(configuration: ClientConfiguration, context: ControlContext) {
    this.#configuration = configuration;
    this.#context = context;
  }

  get servers(): readonly ResolvedServer[] {
    return this.#servers;
  }

  /** The configured name of the server with this address; undefined when it was configured by address. */
  nameOf(address: number): string | undefined {
    const name = this.#servers.find((server) => server.primary === address)?.name;
    return name === undefined || parseIpv4(name) !== undefined ? undefined : name;
  }

  /** @throws NavalisError `name-not-resolved` when none resolves, `configuration` when an address is no server's. */
  async resolve(): Promise<void> {
    this.#servers = await this.#lookUp((error) => this.#context.logger.warn(error.message));
  }

  /** Calls `changed` with what to tell, whenever the servers differ from before. */
  watch(changed: (events: readonly EngineEvent[]) => void): void {
    if (this.#hasNames) this.#timer = setInterval(() => void this.refresh(changed), lookUpEveryMs);
  }

  /** Looks names up again, unless that was done a moment ago. Never rejects. */
  async refresh(changed: (events: readonly EngineEvent[]) => void): Promise<void> {
    if (!this.#hasNames || this.#context.clock() - this.#lookedUpAt < leastSpacingMs) return;
    const before = this.#servers;
    try {
      this.#servers = await this.#lookUp(() => undefined);
    } catch (error) {
      this.#context.logger.warn(`The servers stay as they were: ${(error as NavalisError).message}`);
      return;
    }
    const events = moves(before, this.#servers);
    if (events.length > 0) changed(events);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  get #hasNames(): boolean {
    return this.#configuration.servers.some(({ name }) => parseIpv4(name) === undefined);
  }

  #lookUp(skipped: (error: NavalisError) => void): Promise<readonly ResolvedServer[]> {
    this.#lookedUpAt = this.#context.clock();
    const { servers } = this.#configuration;
    const policy = ipv4PolicyOf(this.#configuration);
    return resolveServers(servers, policy, skipped, this.#context.lookUpName, this.#servers);
  }
}

function moves(before: readonly ResolvedServer[], after: readonly ResolvedServer[]): readonly EngineEvent[] {
  const earlier = new Map(before.map(({ name, primary }) => [name, primary]));
  return after
    .filter(({ name, primary }) => earlier.get(name) !== primary)
    .map(({ name, primary }) => ({ kind: 'server-moved', name, before: earlier.get(name), server: primary }));
}

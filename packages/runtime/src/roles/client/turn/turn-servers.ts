import { formatIpv4, type Ipv4Value, parseIpv4 } from '@navalis/address';
import type { RelayedOptions } from '@navalis/client-core';
import type { TurnConfiguration } from '@navalis/config';
import type { Milliseconds } from '@navalis/engine';
import type { TurnServer, TurnUri } from '@navalis/turn';
import type { NameLookup } from '../../../host/names/resolve-servers.ts';
import { NavalisError } from '../../../navalis-error.ts';
import type { Time } from '../../../scheduling/time.ts';
import { StreamBridge } from './stream-bridge.ts';
import { noStreamDrops, type StreamDrops } from './stream-drops.ts';

/** Our choice: of a name with more addresses, this many are used. */
const addressesOfNameLimit = 4;

/** Our choice: the least time between look-ups. */
const leastSpacingMs = 5_000;

/** A TURN server of the configuration at one of its addresses. */
interface ResolvedTurnServer {
  readonly uri: TurnUri;
  readonly address: Ipv4Value;
}

/** The collaborators of TURN servers. */
export interface TurnServersContext {
  readonly lookUpName: NameLookup;
  readonly logger: { readonly warn: (sentence: string) => void };
  readonly time: Pick<Time, 'now'>;
}

/** The TURN servers of one run of a client: their present addresses, and the adapters for streams to them. */
export class TurnServers {
  readonly #configuration: TurnConfiguration;
  readonly #context: TurnServersContext;
  #resolved: readonly ResolvedTurnServer[] = [];
  #lookedUpAt: Milliseconds = Number.NEGATIVE_INFINITY;
  #isLookingUp = false;
  #isClosed = false;
  /** By server. */
  readonly #bridges: Map<string, StreamBridge> = new Map();
  /** Drops of adapters that were closed. */
  #drops: StreamDrops = noStreamDrops;
  /** Reasons why streams failed that were logged. */
  readonly #told: Set<string> = new Set();

  constructor(configuration: TurnConfiguration, context: TurnServersContext) {
    this.#configuration = configuration;
    this.#context = context;
  }

  /** Looks the names up. @throws NavalisError `name-not-resolved` when none resolves. */
  async resolve(): Promise<void> {
    this.#resolved = await this.#lookUp();
    if (this.#resolved.length > 0) return;
    const { host } = this.#configuration.servers[0]!;
    const sentence = `TURN server name ${host} does not resolve to an IPv4 address: correct the key turn or the name server.`;
    throw new NavalisError('name-not-resolved', sentence, undefined, host);
  }

  /** Opens the adapters, and returns the settings of the engine. @throws NavalisError */
  async open(): Promise<RelayedOptions> {
    // A client that always uses a TURN server may want to hide its address from peers.
    const { credentials, use } = this.#configuration;
    return { servers: await this.#open(), credentials, upgradesPaths: use !== 'always' };
  }

  /**
   * Looks the names up again, unless it did in the last 5 s, and calls `changed` with all servers when they differ from before. Never
   * rejects. An address stays while no name server answers.
   */
  async refresh(changed: (servers: readonly TurnServer[]) => void): Promise<void> {
    const isDue = this.#context.time.now() - this.#lookedUpAt >= leastSpacingMs;
    if (!this.#hasNames || this.#isLookingUp || !isDue) return;
    const before = this.#resolved;
    this.#isLookingUp = true;
    try {
      const found = await this.#lookUp();
      if (this.#isClosed || isSame(found, before)) return;
      this.#resolved = found;
      this.#tellMoves(before);
      const servers = await this.#open();
      if (this.#isClosed) return;
      changed(servers);
      this.#closeUnused();
    } catch (error) {
      this.#context.logger.warn((error as Error).message);
    } finally {
      this.#isLookingUp = false;
      if (this.#isClosed) this.close();
    }
  }

  /** Datagrams that did not get into streams, by reason. */
  get drops(): Partial<StreamDrops> {
    const all = [...this.#bridges.values()].map(({ drops }) => drops).reduce(sumOf, this.#drops);
    return Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0));
  }

  close(): void {
    this.#isClosed = true;
    for (const bridge of this.#bridges.values()) bridge.close();
    this.#bridges.clear();
  }

  get #hasNames(): boolean {
    return this.#configuration.servers.some(({ host }) => parseIpv4(host) === undefined);
  }

  async #lookUp(): Promise<readonly ResolvedTurnServer[]> {
    this.#lookedUpAt = this.#context.time.now();
    const found = await Promise.all(this.#configuration.servers.map((uri) => this.#addressesOf(uri)));
    return found.flat();
  }

  async #addressesOf(uri: TurnUri): Promise<readonly ResolvedTurnServer[]> {
    const literal = parseIpv4(uri.host);
    if (literal !== undefined) return [{ uri, address: literal }];
    const known = this.#resolved.filter((server) => server.uri === uri);
    try {
      const addresses = new Set((await this.#context.lookUpName(uri.host)).map((text) => parseIpv4(text)!));
      // Known ones keep their order, so that a name server that rotates its answers changes nothing.
      const stay = known.filter(({ address }) => addresses.delete(address));
      const all = [...stay, ...[...addresses].map((address) => ({ uri, address }))];
      return all.slice(0, addressesOfNameLimit);
    } catch {
      if (known.length === 0) this.#tellFailure(uri.host, 'the name does not resolve');
      return known;
    }
  }

  async #open(): Promise<readonly TurnServer[]> {
    const servers: TurnServer[] = [];
    for (const server of this.#resolved) servers.push(await this.#serverAt(server));
    return servers;
  }

  async #serverAt(server: ResolvedTurnServer): Promise<TurnServer> {
    const { uri, address } = server;
    const { port, transport } = uri;
    if (transport === 'udp') return { endpoint: { address, port }, transport };
    const bridge = this.#bridges.get(keyOf(server)) ?? (await this.#openBridge(server, transport));
    return { endpoint: { address, port }, transport, adapter: bridge.endpoint };
  }

  async #openBridge(server: ResolvedTurnServer, transport: 'tcp' | 'tls'): Promise<StreamBridge> {
    const { host: name, port } = server.uri;
    const address = formatIpv4(server.address);
    const failed = (reason: string) => this.#tellFailure(`${address}:${port}`, reason);
    const bridge = await StreamBridge.open({ transport, address, port, name }, this.#context.time, failed);
    this.#bridges.set(keyOf(server), bridge);
    return bridge;
  }

  /** Closes the adapters of addresses that no name has any more, except for one whose allocation may still be in use. */
  #closeUnused(): void {
    const used = new Set(this.#resolved.map(keyOf));
    for (const [key, bridge] of this.#bridges) {
      if (used.has(key) || !bridge.isIdle) continue;
      this.#drops = sumOf(this.#drops, bridge.drops);
      bridge.close();
      this.#bridges.delete(key);
    }
  }

  #tellMoves(before: readonly ResolvedTurnServer[]): void {
    for (const uri of this.#configuration.servers) {
      const [earlier, now] = [before, this.#resolved].map((servers) => textOf(servers, uri));
      if (earlier !== now) this.#context.logger.warn(`TURN server ${uri.host} has moved: it resolves to ${now}.`);
    }
  }

  #tellFailure(server: string, reason: string): void {
    const sentence = `No connection to TURN server ${server}: ${reason}.`;
    if (!this.#told.has(sentence)) this.#context.logger.warn(sentence);
    this.#told.add(sentence);
  }
}

function isSame(left: readonly ResolvedTurnServer[], right: readonly ResolvedTurnServer[]): boolean {
  return left.length === right.length && left.every((server, index) => keyOf(server) === keyOf(right[index]!));
}

function keyOf({ uri, address }: ResolvedTurnServer): string {
  return `${uri.transport} ${uri.host} ${uri.port} ${address}`;
}

/** Returns the addresses of a server, as they stand in a sentence. */
function textOf(servers: readonly ResolvedTurnServer[], uri: TurnUri): string {
  const addresses = servers.filter((server) => server.uri === uri).map(({ address }) => formatIpv4(address));
  return addresses.join(', ') || 'nothing';
}

function sumOf(left: StreamDrops, right: StreamDrops): StreamDrops {
  const reasons = Object.keys(left) as (keyof StreamDrops)[];
  return Object.fromEntries(reasons.map((reason) => [reason, left[reason] + right[reason]])) as StreamDrops;
}

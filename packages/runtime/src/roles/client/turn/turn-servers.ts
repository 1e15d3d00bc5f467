import { formatIpv4, type Ipv4Value, parseIpv4 } from '@navalis/address';
import type { TurnConfiguration } from '@navalis/config';
import type { TurnOptions, TurnServer, TurnUri } from '@navalis/turn';
import type { NameLookup } from '../../../host/names/resolve-servers.ts';
import { NavalisError } from '../../../navalis-error.ts';
import { StreamBridge } from './stream-bridge.ts';

/** Our choice: of a name with more addresses, this many are used. */
const addressesOfNameLimit = 4;

/** A TURN server of the configuration at one of its addresses. */
interface ResolvedTurnServer {
  readonly uri: TurnUri;
  readonly address: Ipv4Value;
}

/** The collaborators of TURN servers. */
export interface TurnServersContext {
  readonly lookUpName: NameLookup;
  readonly logger: { readonly warn: (sentence: string) => void };
}

/** The TURN servers of one run of a client: their present addresses, and the adapters for streams to them. */
export class TurnServers {
  readonly #configuration: TurnConfiguration;
  readonly #context: TurnServersContext;
  #resolved: readonly ResolvedTurnServer[] = [];
  readonly #bridges: StreamBridge[] = [];
  /** Reasons why streams failed that were logged. */
  readonly #told: Set<string> = new Set();

  constructor(configuration: TurnConfiguration, context: TurnServersContext) {
    this.#configuration = configuration;
    this.#context = context;
  }

  /** Looks the names up. @throws NavalisError `name-not-resolved` when none resolves. */
  async resolve(): Promise<void> {
    const { servers } = this.#configuration;
    const found = await Promise.all(servers.map((uri) => this.#addressesOf(uri)));
    this.#resolved = found.flat();
    if (this.#resolved.length > 0) return;
    const { host } = servers[0]!;
    const sentence = `TURN server name ${host} does not resolve to an IPv4 address: correct the key turn or the name server.`;
    throw new NavalisError('name-not-resolved', sentence, undefined, host);
  }

  /** Opens the adapters, and returns the settings of the engine. */
  async open(): Promise<TurnOptions> {
    const servers: TurnServer[] = [];
    for (const { uri, address } of this.#resolved) servers.push(await this.#serverAt(uri, address));
    return { servers, credentials: this.#configuration.credentials };
  }

  close(): void {
    for (const bridge of this.#bridges.splice(0)) bridge.close();
  }

  async #serverAt({ host, port, transport }: TurnUri, address: Ipv4Value): Promise<TurnServer> {
    if (transport === 'udp') return { endpoint: { address, port }, transport };
    const server = { transport, address: formatIpv4(address), port, name: host };
    const bridge = await StreamBridge.open(server, (reason) => this.#tellFailure(`${server.address}:${port}`, reason));
    this.#bridges.push(bridge);
    return { endpoint: bridge.endpoint, transport };
  }

  async #addressesOf(uri: TurnUri): Promise<readonly ResolvedTurnServer[]> {
    const literal = parseIpv4(uri.host);
    if (literal !== undefined) return [{ uri, address: literal }];
    try {
      const addresses = new Set((await this.#context.lookUpName(uri.host)).map((text) => parseIpv4(text)!));
      return [...addresses].slice(0, addressesOfNameLimit).map((address) => ({ uri, address }));
    } catch {
      this.#tellFailure(uri.host, 'the name does not resolve');
      return [];
    }
  }

  #tellFailure(server: string, reason: string): void {
    const sentence = `No connection to TURN server ${server}: ${reason}.`;
    if (!this.#told.has(sentence)) this.#context.logger.warn(sentence);
    this.#told.add(sentence);
  }
}

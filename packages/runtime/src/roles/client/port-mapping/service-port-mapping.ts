import { join } from 'node:path';
import { formatIpv4, formatIpv6, type Ipv4Endpoint, type Ipv4Value, type Ipv6Value, parseIpv6 } from '@navalis/address';
import { type ClientConfiguration, ipv4PolicyOf } from '@navalis/config';
import type { MappingProtocol, PortMapping, PortMappingEvent } from '@navalis/port-mapping';
import { endpointText } from '../../../hooks/engine-events.ts';
import { gatewayOf } from '../../../host/routes/route-probe.ts';
import { SerialWork } from '../../../scheduling/serial-work.ts';
import type { ControlContext } from '../../shared/role-control.ts';
import type { OpenMapper } from './mapping-access.ts';
import { describeMapping } from './mapping-sentences.ts';

/** How long a start waits for the router at most (UPNP-17), and an end for the removal of the mapping (UPNP-15). */
const startLimitMs = 3_000;
const endLimitMs = 1_000;

/** All protocols, in the order in which the router is asked. */
const allProtocols: readonly MappingProtocol[] = ['pcp', 'nat-pmp', 'upnp'];

/** The port and the address that a client begins with. */
export interface MappedStart {
  /** The port for its service socket; 0: any. */
  readonly port: number;
  /** The Teredo address of the last run, whose flags are kept if server and mapping are the same. */
  readonly formerAddress: Ipv6Value | undefined;
}

/** Takes the external endpoint of each other mapping; undefined: there is none any more. */
type MappingObserver = (external: Ipv4Endpoint | undefined) => void;

/** Keeps a mapping of a client's service port at the router of the route to its servers. */
export class ServicePortMapping {
  readonly #configuration: ClientConfiguration;
  readonly #context: ControlContext;
  readonly #protocols: readonly MappingProtocol[];
  readonly #changed: MappingObserver;
  #open: OpenMapper | undefined;
  readonly #looks: SerialWork = new SerialWork();
  #hasToldMemory = false;

  private constructor(configuration: ClientConfiguration, context: ControlContext, changed: MappingObserver) {
    const { portMapping } = configuration;
    this.#configuration = configuration;
    this.#context = context;
    this.#changed = changed;
    this.#protocols = allProtocols.filter((protocol) => portMapping === 'auto' || portMapping === protocol);
  }

  /** Returns undefined where no router is to be asked. */
  static of(
    configuration: ClientConfiguration,
    context: ControlContext,
    changed: MappingObserver,
  ): ServicePortMapping | undefined {
    return configuration.portMapping === 'off' ? undefined : new ServicePortMapping(configuration, context, changed);
  }

  get mapping(): PortMapping | undefined {
    return this.#open?.mapper.mapping;
  }

  /** Dropped answers of routers, by reason. */
  get drops(): OpenMapper['mapper']['drops'] {
    return this.#open?.mapper.drops ?? {};
  }

  /** Chooses the service port and asks the router on the way to a server for it, which takes 3 s at most. */
  async start(server: Ipv4Value, localAddress: Ipv4Value | undefined): Promise<MappedStart> {
    const { stateDirectory, bindAddress, bindPort } = this.#configuration;
    const { portMapping, time } = this.#context;
    this.#open = await portMapping.openMapper(join(stateDirectory, 'port-mapping.json'), {
      protocols: this.#protocols,
      policy: ipv4PolicyOf(this.#configuration),
      time,
      report: (event) => this.#tell(event),
    });
    const { mapper, memory } = this.#open;
    const port = bindPort === 0 ? await portMapping.freePort(bindAddress, memory.port) : bindPort;
    const isMappable = port !== 0 && localAddress !== undefined;
    await this.#follow(server, isMappable ? { address: localAddress, port } : undefined);
    await mapper.settled(startLimitMs);
    const address = memory.address === undefined ? undefined : parseIpv6(memory.address);
    return { port, formerAddress: address };
  }

  /** The route to a server, or the endpoint of the service socket, may be another one. */
  follow(server: Ipv4Value, local: Ipv4Endpoint | undefined): void {
    this.#follow(server, local).catch(this.#context.fail);
  }

  /** Remembers the address of this client for its next run. */
  assigned(address: Ipv6Value): void {
    const memory = this.#open?.memory;
    const error = memory?.setAddress(formatIpv6(address));
    if (memory !== undefined && error !== undefined) this.#tell({ kind: 'memory-failed', path: memory.path, error });
  }

  /** The router may have forgotten the mapping: this host slept. */
  look(): void {
    this.#open?.mapper.look();
  }

  /** Removes the mapping, which takes 1 s at most. */
  async close(): Promise<void> {
    await this.#looks.close();
    await this.#open?.mapper.close(endLimitMs);
  }

  async #follow(server: Ipv4Value, local: Ipv4Endpoint | undefined): Promise<void> {
    await this.#looks.run(async () => {
      const nextHop = local && (await this.#context.routes.nextHop(server, this.#configuration.bindAddress));
      const gateway = nextHop === undefined ? undefined : gatewayOf(nextHop);
      this.#open?.mapper.follow(gateway === undefined ? undefined : { gateway, local: local! });
    });
  }

  #tell(event: PortMappingEvent): void {
    if (event.kind === 'memory-failed' && this.#hasToldMemory) return;
    this.#hasToldMemory ||= event.kind === 'memory-failed';
    const { level, sentence, fields } = describeMapping(event, this.#protocols);
    this.#context.logger[level](fields, sentence);
    if (event.kind !== 'mapped' && event.kind !== 'lost') return;
    const { external, protocol, gateway } = event.mapping;
    const told = { external: endpointText(external), router: formatIpv4(gateway) };
    const { events } = this.#context;
    if (event.kind === 'mapped') events.tell({ event: 'port-mapped', ...told, protocol });
    else events.tell({ event: 'port-mapping-lost', ...told });
    this.#changed(event.kind === 'mapped' ? external : undefined);
  }
}

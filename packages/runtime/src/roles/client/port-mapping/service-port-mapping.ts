import { endpointText, formatIpv4, type Ipv4Endpoint, type Ipv4Value } from '@navalis/address';
import { type ClientConfiguration, ipv4PolicyOf } from '@navalis/config';
import type { MappingProtocol, PortMapping, PortMappingEvent } from '@navalis/port-mapping';
import { gatewayOf } from '../../../host/routes/route-probe.ts';
import { SerialWork } from '../../../scheduling/serial-work.ts';
import type { ClientMemory } from '../../../state/client-memory.ts';
import type { ControlContext } from '../../shared/role-control.ts';
import type { ClientMapper } from './mapping-access.ts';
import { describeMapping } from './mapping-sentences.ts';

/** How long a start waits for the router at most (UPNP-17), and an end for the removal of the mapping (UPNP-15). */
const startLimitMs = 3_000;
const endLimitMs = 1_000;

/** All protocols, in the order in which the router is asked. */
const allProtocols: readonly MappingProtocol[] = ['pcp', 'nat-pmp', 'upnp'];

/** The port of the last run, and the place for the mappings to remove. */
type MappingMemories = Pick<ClientMemory, 'port' | 'mappings'>;

/** Takes the external endpoint of each other mapping; undefined: there is none any more. */
type MappingObserver = (external: Ipv4Endpoint | undefined) => void;

/** Keeps a mapping of a client's service port at the router of the route to its servers. */
export class ServicePortMapping {
  readonly #configuration: ClientConfiguration;
  readonly #context: ControlContext;
  readonly #memory: MappingMemories;
  readonly #protocols: readonly MappingProtocol[];
  readonly #changed: MappingObserver;
  #mapper: ClientMapper | undefined;
  readonly #looks: SerialWork = new SerialWork();

  private constructor(
    configuration: ClientConfiguration,
    context: ControlContext,
    memory: MappingMemories,
    changed: MappingObserver,
  ) {
    const { portMapping } = configuration;
    this.#configuration = configuration;
    this.#context = context;
    this.#memory = memory;
    this.#changed = changed;
    this.#protocols = allProtocols.filter((protocol) => portMapping === 'auto' || portMapping === protocol);
  }

  /** Returns undefined where no router is to be asked. */
  static of(
    configuration: ClientConfiguration,
    context: ControlContext,
    memory: MappingMemories,
    changed: MappingObserver,
  ): ServicePortMapping | undefined {
    if (configuration.portMapping === 'off') return undefined;
    return new ServicePortMapping(configuration, context, memory, changed);
  }

  get mapping(): PortMapping | undefined {
    return this.#mapper?.mapping;
  }

  /** Dropped answers of routers, by reason. */
  get drops(): ClientMapper['drops'] {
    return this.#mapper?.drops ?? {};
  }

  /** Chooses the service port and asks the router on the way to a server for it, which takes 3 s at most. Returns the port; 0: any. */
  async start(server: Ipv4Value, localAddress: Ipv4Value | undefined): Promise<number> {
    const { bindAddress, bindPort } = this.#configuration;
    const { portMapping, time } = this.#context;
    this.#mapper = await portMapping.openMapper(this.#memory.mappings, {
      protocols: this.#protocols,
      policy: ipv4PolicyOf(this.#configuration),
      time,
      report: (event) => this.#tell(event),
    });
    const port = bindPort === 0 ? await portMapping.freePort(bindAddress, this.#memory.port) : bindPort;
    const isMappable = port !== 0 && localAddress !== undefined;
    await this.#follow(server, isMappable ? { address: localAddress, port } : undefined);
    await this.#mapper.settled(startLimitMs);
    return port;
  }

  /** The route to a server, or the endpoint of the service socket, may be another one. */
  follow(server: Ipv4Value, local: Ipv4Endpoint | undefined): void {
    this.#follow(server, local).catch(this.#context.fail);
  }

  /** The router may have forgotten the mapping: this host slept. */
  look(): void {
    this.#mapper?.look();
  }

  /** Removes the mapping, which takes 1 s at most. */
  async close(): Promise<void> {
    await this.#looks.close();
    await this.#mapper?.close(endLimitMs);
  }

  async #follow(server: Ipv4Value, local: Ipv4Endpoint | undefined): Promise<void> {
    await this.#looks.run(async () => {
      const nextHop = local && (await this.#context.routes.nextHop(server, this.#configuration.bindAddress));
      const gateway = nextHop === undefined ? undefined : gatewayOf(nextHop);
      this.#mapper?.follow(gateway === undefined ? undefined : { gateway, local: local! });
    });
  }

  #tell(event: PortMappingEvent): void {
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

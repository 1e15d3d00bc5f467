import { Ipv4Policy, parseIpv4Prefix } from '@navalis/address';
import {
  MappingMemory,
  type MappingProtocol,
  type MappingRoute,
  mappingProtocols,
  PortMapper,
  type PortMappingEvent,
} from '../src/index.ts';
import type { RouterPorts } from '../src/network/network.ts';
import { FakeRouter, hostAddress, routerAddress } from './fake-router.ts';
import { MemoryStore } from './memory-store.ts';
import { TestTime } from './test-time.ts';

/** The range that counts as global in laboratories. */
const extraGlobal = [parseIpv4Prefix('203.0.113.0/24')!];

/** A host behind a fake router, with the mapper of its present run. */
export class MappedHost {
  readonly router: FakeRouter = new FakeRouter();
  readonly time: TestTime = new TestTime();
  readonly events: PortMappingEvent[] = [];
  readonly store: MemoryStore = new MemoryStore();
  ports!: RouterPorts;
  mapper!: PortMapper;
  memory!: MappingMemory;

  /** Opens the router and begins the first run. */
  static async create(protocols: readonly MappingProtocol[] = mappingProtocols): Promise<MappedHost> {
    const host = new MappedHost();
    host.ports = await host.router.open();
    host.restart(protocols);
    return host;
  }

  /** Another run of the program; the one before ends as it is, without removing anything. */
  restart(protocols: readonly MappingProtocol[] = mappingProtocols): void {
    this.memory = new MappingMemory(this.store);
    this.mapper = new PortMapper({
      protocols,
      policy: new Ipv4Policy({ strictness: 'strict', extraGlobal }),
      memory: this.memory,
      time: this.time,
      ports: this.ports,
      report: (event) => void this.events.push(event),
    });
  }

  /** Begins another run, which asks by the one protocol that the router speaks. */
  restartWith(protocol: MappingProtocol): void {
    Object.assign(this.router, {
      speaksPcp: protocol === 'pcp',
      speaksNatPmp: protocol === 'nat-pmp',
      speaksUpnp: protocol === 'upnp',
    });
    this.restart([protocol]);
  }

  route(port: number = 40_000): MappingRoute {
    return { gateway: routerAddress, local: { address: hostAddress, port } };
  }

  /** Asks for a mapping and waits for the outcome. */
  async map(port?: number): Promise<void> {
    this.mapper.follow(this.route(port));
    await this.mapper.settled(10_000);
  }

  /** Leaps forward and waits for what that set off. */
  async pass(ms: number): Promise<void> {
    this.time.advance(ms);
    await this.mapper.settled(10_000);
  }

  get kinds(): readonly string[] {
    return this.events.map(({ kind }) => kind);
  }

  async close(): Promise<void> {
    await this.mapper.close(3_000);
    this.router.close();
  }
}

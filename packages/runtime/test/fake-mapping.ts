import { parseIpv4 } from '@navalis/address';
import type { MappingRoute, PortMapperParts, PortMapping } from '@navalis/port-mapping';
import type { OpenMapper } from '../src/roles/client/port-mapping/mapping-access.ts';

/** A router that maps ports, or does not, and a memory that outlives the client. */
export class FakeMapping {
  freePort = 45_000;
  /** The external address in the router's answer; undefined: there is none. */
  external: string | undefined = '203.0.113.7';
  /** How long it takes to. */
  answerAfterMs = 10;
  writeError: string | undefined;
  readonly memory: { port: number; address: string | undefined } = { port: 0, address: undefined };
  readonly routes: (MappingRoute | undefined)[] = [];
  readonly paths: string[] = [];
  parts: Omit<PortMapperParts, 'memory'> | undefined;
  looks = 0;
  readonly closedWithin: number[] = [];
  drops: OpenMapper['mapper']['drops'] = {};
  mapping: PortMapping | undefined;

  open(path: string, parts: Omit<PortMapperParts, 'memory'>): OpenMapper {
    this.paths.push(path);
    this.parts = parts;
    const fake = this;
    return {
      memory: {
        path,
        get port() {
          return fake.memory.port;
        },
        get address() {
          return fake.memory.address;
        },
        setAddress(address) {
          fake.memory.address = address;
          return fake.writeError;
        },
      },
      mapper: {
        follow: (route) => this.#follow(route),
        look: () => {
          this.looks += 1;
        },
        settled: (limitMs) => new Promise((resolve) => setTimeout(resolve, Math.min(limitMs, this.answerAfterMs))),
        close: async (limitMs) => {
          this.closedWithin.push(limitMs);
          this.mapping = undefined;
        },
        get mapping() {
          return fake.mapping;
        },
        get drops() {
          return fake.drops;
        },
      },
    };
  }

  #follow(route: MappingRoute | undefined): void {
    if (JSON.stringify(route) === JSON.stringify(this.routes.at(-1)) && this.routes.length > 0) return;
    this.routes.push(route);
    setTimeout(() => this.#answer(route), this.answerAfterMs);
  }

  #answer(route: MappingRoute | undefined): void {
    if (route === undefined) return;
    if (this.external === undefined) {
      this.parts!.report({ kind: 'unavailable', gateway: route.gateway, refusals: [] });
      return;
    }
    this.memory.port = route.local.port;
    const external = { address: parseIpv4(this.external)!, port: route.local.port };
    this.mapping = { protocol: 'nat-pmp', ...route, external, isNested: false };
    this.parts!.report({ kind: 'mapped', mapping: this.mapping });
  }
}

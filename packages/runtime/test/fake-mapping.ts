import { formatIpv4, parseIpv4 } from '@navalis/address';
import type { MappingRoute, MappingStore, PortMapperParts, PortMapping } from '@navalis/port-mapping';
import type { ClientMapper } from '../src/roles/client/port-mapping/mapping-access.ts';

/** A router that maps ports, or does not. */
export class FakeMapping {
  freePort = 45_000;
  /** The external address in the router's answer; undefined: there is none. */
  external: string | undefined = '203.0.113.7';
  /** How long it takes to. */
  answerAfterMs = 10;
  /** The last store of a mapper. */
  store: MappingStore | undefined;
  readonly routes: (MappingRoute | undefined)[] = [];
  parts: Omit<PortMapperParts, 'memory'> | undefined;
  looks = 0;
  readonly closedWithin: number[] = [];
  drops: ClientMapper['drops'] = {};
  mapping: PortMapping | undefined;

  open(store: MappingStore, parts: Omit<PortMapperParts, 'memory'>): ClientMapper {
    this.store = store;
    this.parts = parts;
    const fake = this;
    return {
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
    };
  }

  /** Writes that the router maps the port of a route. */
  remember({ gateway, local }: MappingRoute): void {
    const addresses = { gateway: formatIpv4(gateway), client: formatIpv4(local.address) };
    this.store!.write({ nonce: '00'.repeat(12), mappings: [{ protocol: 'nat-pmp', port: local.port, ...addresses }] });
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
    this.remember(route);
    const external = { address: parseIpv4(this.external)!, port: route.local.port };
    this.mapping = { protocol: 'nat-pmp', ...route, external, isNested: false };
    this.parts!.report({ kind: 'mapped', mapping: this.mapping });
  }
}

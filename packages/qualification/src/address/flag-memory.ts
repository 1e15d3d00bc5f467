import { type Ipv4Endpoint, type Ipv4Value, ipv4EndpointEquals } from '@navalis/address';

/** The random flags of the last address: kept while server and mapping stay the same, else drawn again (RFC 5991 3.1). */
export class FlagMemory {
  readonly #draw: () => number;
  #last: { readonly server: Ipv4Value; readonly mapped: Ipv4Endpoint; readonly flags: number } | undefined;

  constructor(draw: () => number) {
    this.#draw = draw;
  }

  flagsFor(server: Ipv4Value, mapped: Ipv4Endpoint): number {
    const last = this.#last;
    if (last?.server === server && ipv4EndpointEquals(last.mapped, mapped)) return last.flags;
    const flags = this.#draw();
    this.#last = { server, mapped, flags };
    return flags;
  }
}

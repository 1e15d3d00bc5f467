import {
  embeddedAddress,
  embeddedFlags,
  embeddedPort,
  embeddedServer,
  type Ipv4Endpoint,
  type Ipv4Value,
  type Ipv6Value,
  ipv4EndpointEquals,
  teredoFlags,
} from '@navalis/address';

/** Random flags, and the server and mapping that they belong to. */
interface Remembered {
  readonly server: Ipv4Value;
  readonly mapped: Ipv4Endpoint;
  readonly flags: number;
}

/** The random flags of the last address: kept while server and mapping stay the same, else drawn again (RFC 5991 3.1). */
export class FlagMemory {
  readonly #draw: () => number;
  #last: Remembered | undefined;

  /** `former` is the address of an earlier run. */
  constructor(draw: () => number, former?: Ipv6Value) {
    this.#draw = draw;
    this.#last = former && rememberedFrom(former);
  }

  flagsFor(server: Ipv4Value, mapped: Ipv4Endpoint): number {
    const last = this.#last;
    if (last?.server === server && ipv4EndpointEquals(last.mapped, mapped)) return last.flags;
    const flags = this.#draw();
    this.#last = { server, mapped, flags };
    return flags;
  }
}

function rememberedFrom(address: Ipv6Value): Remembered {
  return {
    server: embeddedServer(address),
    mapped: { address: embeddedAddress(address), port: embeddedPort(address) },
    flags: embeddedFlags(address) & teredoFlags.randomMask,
  };
}

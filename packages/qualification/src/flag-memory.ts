import type { Ipv4Endpoint, Ipv4Value } from '@navalis/address';

/** The random flags of the last address: kept while server and mapping stay the same, else drawn anew (RFC 5991 3.1). */
export class FlagMemory {
  readonly #draw: () => number;
  #server: Ipv4Value | undefined;
  #mapped: Ipv4Endpoint = { address: 0, port: 0 };
  #flags = 0;

  constructor(draw: () => number) {
    this.#draw = draw;
  }

  flagsFor(server: Ipv4Value, mapped: Ipv4Endpoint): number {
    const isSame =
      server === this.#server && mapped.address === this.#mapped.address && mapped.port === this.#mapped.port;
    if (!isSame) {
      this.#server = server;
      this.#mapped = mapped;
      this.#flags = this.#draw();
    }
    return this.#flags;
  }
}

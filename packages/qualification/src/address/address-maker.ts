import {
  buildTeredoAddress,
  embeddedAddress,
  embeddedFlags,
  embeddedPort,
  embeddedServer,
  type Ipv4Endpoint,
  type Ipv4Value,
  type Ipv6Value,
  ipv4EndpointEquals,
  teredoFlags,
  teredoServicePrefix,
} from '@navalis/address';
import type { RandomSource } from '@navalis/engine';
import { classifyNat } from '@navalis/nat';
import type { QualificationOptions, TeredoServer } from '../options.ts';
import type { Learned } from '../solicitation/advertisement.ts';
import type { Assignment } from '../state.ts';
import { drawFlags } from './draw-flags.ts';

/** The parts of an assignment. */
export interface AssignmentParts {
  readonly server: TeredoServer;
  readonly learned: Pick<Learned, 'mapped' | 'mtu'>;
  /** The endpoint that the service port is bound to. */
  readonly local: Ipv4Endpoint;
  /** The cone bit of the phase that qualified. */
  readonly cone: number;
}

/** Makes Teredo addresses. Holds the last one, for its random flags, and whether the NAT is symmetric. */
export class AddressMaker {
  readonly #options: QualificationOptions;
  readonly #random: RandomSource;
  /** The last address: at first that of an earlier run, where random flags are on. */
  #last: Ipv6Value | undefined;
  /** By the last complete procedure (CL-N-12). */
  #isSymmetric = false;

  constructor(options: QualificationOptions, random: RandomSource) {
    this.#options = options;
    this.#random = random;
    if (options.randomFlags !== false) this.#last = options.formerAddress;
  }

  /**
   * Compares the mappings that the primary and the secondary address of a server see (CL-N-03). Returns false if they differ and
   * there is no address behind a symmetric NAT.
   */
  accepts(byPrimary: Ipv4Endpoint, bySecondary: Ipv4Endpoint): boolean {
    this.#isSymmetric = !ipv4EndpointEquals(byPrimary, bySecondary);
    return !this.#isSymmetric || this.#options.acceptsSymmetricNat === true;
  }

  /** Returns the address and what belongs to it; undefined when the mapped address is not global unicast. */
  make({ server, learned: { mapped, mtu }, local, cone }: AssignmentParts): Assignment | undefined {
    const address = buildTeredoAddress({
      server: server.primary,
      flags: this.#flagsFor(server.primary, mapped) | cone,
      mapped,
      policy: this.#options.policy,
      servicePrefix: servicePrefixOf(this.#options),
    });
    if (address === undefined) return undefined;
    this.#last = address;
    const filtering = cone === 0 ? undefined : 'endpoint-independent';
    const isSymmetric = this.#isSymmetric && cone === 0;
    const mapping = isSymmetric ? 'address-and-port-dependent' : 'endpoint-independent';
    const isTranslated = isSymmetric || !ipv4EndpointEquals(mapped, local);
    const nat = isTranslated ? classifyNat({ mapping, filtering }) : 'none';
    return { server, address, mapped, nat, mtu };
  }

  /** Returns the random flags of the last address while server and mapping stay the same; else draws them (RFC 5991 3.1). */
  #flagsFor(server: Ipv4Value, mapped: Ipv4Endpoint): number {
    const last = this.#last;
    const isSame =
      last !== undefined &&
      embeddedServer(last) === server &&
      embeddedAddress(last) === mapped.address &&
      embeddedPort(last) === mapped.port;
    return isSame ? embeddedFlags(last) & teredoFlags.randomMask : drawFlags(this.#options, this.#random);
  }
}

/** Returns the first word of Teredo addresses. */
export function servicePrefixOf({ servicePrefix }: QualificationOptions): number {
  return servicePrefix ?? teredoServicePrefix;
}

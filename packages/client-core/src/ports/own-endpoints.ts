import { type Ipv4Endpoint, type Ipv4Policy, type Ipv4Value, ipv4EndpointEquals } from '@navalis/address';
import type { Assignment } from '@navalis/qualification';
import { isAlternateEndpoint } from '@navalis/wire';

/** The findings of qualification about the NAT. */
type Finding = Pick<Assignment, 'mapped' | 'nat'>;

/**
 * The endpoints of this client: the local one, the one that a server sees, and the one that a router was asked to forward (RFC
 * 6081 5.3.1, 5.6.1).
 */
export class OwnEndpoints {
  readonly #policy: Ipv4Policy;
  #local: Ipv4Endpoint;
  #forwarded: Ipv4Endpoint | undefined;
  /** Undefined before the first address. */
  #finding: Finding | undefined;
  /** Collected when they are asked for. */
  #alternates: readonly Ipv4Endpoint[] | undefined;

  constructor(policy: Ipv4Policy, local: Ipv4Endpoint) {
    this.#policy = policy;
    this.#local = local;
  }

  get local(): Ipv4Endpoint {
    return this.#local;
  }

  set local(local: Ipv4Endpoint) {
    this.#local = local;
    this.#alternates = undefined;
  }

  /** The outer endpoint that a router forwards to the service port; undefined if none does (CL-N-07). */
  set forwarded(endpoint: Ipv4Endpoint | undefined) {
    this.#forwarded = endpoint;
    this.#alternates = undefined;
  }

  /** The findings of the last qualification. */
  set finding(finding: Finding) {
    this.#finding = finding;
    this.#alternates = undefined;
  }

  /**
   * Returns the forwarded endpoint if it belongs to an inner one of several NATs; undefined behind a single NAT, of which the
   * server sees the same endpoint (UPNP-11, HP-03).
   */
  get inner(): Ipv4Endpoint | undefined {
    const [forwarded, mapped] = [this.#forwarded, this.#finding?.mapped];
    if (forwarded === undefined || mapped === undefined) return forwarded;
    return ipv4EndpointEquals(forwarded, mapped) ? undefined : forwarded;
  }

  get isBehindSymmetricNat(): boolean {
    return this.#finding?.nat === 'symmetric';
  }

  /** Returns true if peers reach the service port although the NAT is symmetric: it is the only one, and forwards (UPNP-13). */
  get isForwardedBySymmetricNat(): boolean {
    return this.isBehindSymmetricNat && this.#forwarded !== undefined && this.inner === undefined;
  }

  /** The endpoints that peers behind the same NAT are told (HP-05). */
  get alternates(): readonly Ipv4Endpoint[] {
    this.#alternates ??= this.#collectAlternates();
    return this.#alternates;
  }

  /** Returns true if bubbles may go to this endpoint behind the own NAT: it can be another host's (HP-17). */
  mayBeNeighbour(address: Ipv4Value, port: number): boolean {
    if (port === 0 || !this.#policy.isHostAddress(address)) return false;
    const endpoint = { address, port };
    return [this.#local, this.#forwarded, this.#finding?.mapped].every(
      (own) => own === undefined || !ipv4EndpointEquals(own, endpoint),
    );
  }

  #collectAlternates(): readonly Ipv4Endpoint[] {
    const told = this.inner === undefined ? [this.#local] : [this.#local, this.inner];
    return told.filter(({ address, port }) => isAlternateEndpoint(address, port));
  }
}

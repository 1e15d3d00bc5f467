import type { Engine, RandomSource } from '@navalis/engine';
import type { NatBehaviour, NatKind } from '@navalis/nat';
import type { HostedEvent, HostedOutputs } from './hosts/engine-host.ts';
import type { UdpSocket } from './hosts/udp-host.ts';
import type { Nat } from './nat/nat.ts';
import type { Ipv6Node } from './paths/ipv6-network.ts';
import type { PathQuality } from './paths/path-quality.ts';

export interface NetworkOptions {
  /** 1 by default; the environment variable NAVALIS_SEED wins. */
  readonly seed?: number;
  /** Quality of the public Internet, applied once to each packet; 20 ms and no loss by default. */
  readonly core?: Partial<PathQuality>;
}

export interface NatOptions extends Partial<NatBehaviour> {
  /** The behaviour that the rest changes. */
  readonly kind: NatKind;
  readonly name?: string;
  /** The NAT that this one is behind; none by default. */
  readonly behind?: Nat;
  /** First address behind this NAT; 10.0.0.2 by default. */
  readonly insideAddress?: string;
  /**
   * Datagrams between a host behind this NAT and the NAT take no time and no event of the clock, which a crowd is simulated faster with;
   * 1 ms by default.
   */
  readonly insideIsImmediate?: boolean;
  /** Quality of its line to the outside, each way. */
  readonly access?: Partial<PathQuality>;
}

export interface HostOptions {
  readonly name?: string;
  /** A NAT, or the kind of a NAT made for this host alone; none by default: a public address. */
  readonly nat?: Nat | NatKind | NatOptions | undefined;
  /** Quality of its line, each way; 5 ms by default. */
  readonly access?: Partial<PathQuality>;
}

export interface EngineHostOptions<Kind extends Engine, Event extends HostedEvent> extends HostOptions {
  readonly port?: number;
  readonly create: (outputs: HostedOutputs<Event>, random: RandomSource, service: UdpSocket) => Kind;
}

export interface NativeHostOptions extends Omit<HostOptions, 'nat'> {
  /** The router to Teredo that is nearest to this host, such as a relay; the first one by default. */
  readonly relay?: Ipv6Node;
}

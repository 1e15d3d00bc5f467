import type { ClientOptions } from '@navalis/client-core';
import type { Engine, EngineOutputs, RandomSource } from '@navalis/engine';
import type { RelayOptions } from '@navalis/relay-core';
import type { ServerOptions } from '@navalis/server-core';
import type { Nat } from './nat.ts';
import type { NatBehaviour, NatKind } from './nat-behaviour.ts';
import type { PathQuality } from './path-quality.ts';
import type { RelayNode } from './relay-node.ts';
import type { ServerNode } from './server-node.ts';
import type { UdpSocket } from './udp-host.ts';

export interface InternetOptions {
  /** 1 by default; the environment variable NAVALIS_SEED wins. */
  readonly seed?: number;
  /** What crosses the public Internet suffers this, once; 20 ms and nothing lost by default. */
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
  /** What crosses its line to the outside suffers this, each way. */
  readonly access?: Partial<PathQuality>;
}

export interface HostOptions {
  readonly name?: string;
  /** A NAT, or the kind of a NAT made for this host alone; none by default: a public address. */
  readonly nat?: Nat | NatKind | NatOptions | undefined;
  /** What crosses its line suffers this, each way; 5 ms by default. */
  readonly access?: Partial<PathQuality>;
}

export interface EngineHostOptions<Kind extends Engine> extends HostOptions {
  readonly port?: number;
  readonly create: (outputs: EngineOutputs, random: RandomSource, service: UdpSocket) => Kind;
}

export interface ServerNodeOptions extends Omit<HostOptions, 'nat'> {
  readonly options?: Partial<ServerOptions>;
}

export interface ClientNodeOptions extends HostOptions {
  /** One, or several in order of preference. */
  readonly server: ServerNode | readonly ServerNode[];
  /** The service port; random by default. */
  readonly port?: number;
  readonly options?: Partial<ClientOptions>;
  /** Does nothing until `start` is called. */
  readonly stopped?: boolean;
}

export interface RelayNodeOptions extends Omit<HostOptions, 'nat'> {
  readonly port?: number;
  readonly options?: Partial<RelayOptions>;
}

export interface NativeHostOptions extends Omit<HostOptions, 'nat'> {
  /** The relay that is nearest to this host; the first one by default. */
  readonly relay?: RelayNode;
}

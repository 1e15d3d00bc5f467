import type { Carriage } from '../src/network/link.ts';
import type { Namespace } from '../src/network/namespace.ts';

/** The name of a scenery. */
export type Scene = 'cables' | 'street' | 'internet';

/** The machines, before anything runs on them. */
export interface Scenery {
  readonly server: Namespace;
  readonly relay: Namespace;
  readonly dualStack: Namespace;
  /** Native IPv6 beyond the relay. */
  readonly web: Namespace;
  readonly webAddress: string;
  /** Two for clients, and one on which nothing runs. */
  readonly hosts: readonly [Namespace, Namespace, Namespace];
  /** A machine near server and relay without any role. */
  readonly bystander: Namespace;
  /** Gives the first two hosts native IPv6 along the way that tunnels take; returns their addresses. */
  readonly addPlainIpv6: () => readonly [string, string];
}

/** A scenery, and the way in which its links carry packets. */
export interface StageSetting {
  readonly scene: Scene;
  readonly carriage: Carriage;
}

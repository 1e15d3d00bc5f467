import type { Laboratory } from '../src/laboratory.ts';
import type { Carriage } from '../src/link.ts';
import type { Namespace } from '../src/namespace.ts';
import { internetScenery } from './internet-scenery.ts';
import { streetScenery } from './street-scenery.ts';

/** Where it happens. `street`: all machines on one switch. `internet`: clients behind NATs, a router between all. */
export type Scene = 'street' | 'internet';

/** The machines, before anything runs on them. */
export interface Scenery {
  readonly server: Namespace;
  readonly relay: Namespace;
  readonly dualStack: Namespace;
  readonly web: Namespace;
  /** Two for clients, and one on which nothing runs. */
  readonly hosts: readonly [Namespace, Namespace, Namespace];
  /** A machine near server and relay without any role. */
  readonly stranger: Namespace;
  /** Gives the first two hosts native IPv6 along the way that tunnels take; answers their addresses. */
  readonly addPlainIpv6: () => readonly [string, string];
}

export function buildScenery(scene: Scene, laboratory: Laboratory, carriage: Carriage): Scenery {
  return scene === 'street' ? streetScenery(laboratory, carriage) : internetScenery(laboratory, carriage);
}

import type { Laboratory } from '../src/laboratory.ts';
import type { Carriage } from '../src/link.ts';
import type { Namespace } from '../src/namespace.ts';
import { cableScenery } from './cable-scenery.ts';
import { internetScenery } from './internet-scenery.ts';
import { streetScenery } from './street-scenery.ts';

/** Where it happens. */
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
  readonly stranger: Namespace;
  /** Gives the first two hosts native IPv6 along the way that tunnels take; answers their addresses. */
  readonly addPlainIpv6: () => readonly [string, string];
}

interface SceneryKind {
  /** What is between the machines, for people. */
  readonly title: string;
  readonly build: (laboratory: Laboratory, carriage: Carriage) => Scenery;
}

export const sceneries: Readonly<Record<Scene, SceneryKind>> = {
  cables: { title: 'A cable between every two machines', build: cableScenery },
  street: { title: 'All machines on one switch', build: streetScenery },
  internet: { title: 'Clients behind NATs, a router between', build: internetScenery },
};

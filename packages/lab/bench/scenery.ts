import type { Laboratory } from '../src/laboratory.ts';
import type { Carriage } from '../src/network/link.ts';
import { cableScenery } from './cable-scenery.ts';
import { internetScenery } from './internet-scenery.ts';
import type { Scene, Scenery } from './scene.ts';
import { streetScenery } from './street-scenery.ts';

interface SceneryKind {
  /** A description of the network between the machines, for people. */
  readonly title: string;
  readonly build: (laboratory: Laboratory, carriage: Carriage) => Scenery;
}

export const sceneries: Readonly<Record<Scene, SceneryKind>> = {
  cables: { title: 'A cable between every two machines', build: cableScenery },
  street: { title: 'All machines on one switch', build: streetScenery },
  internet: { title: 'Clients behind NATs, a router between', build: internetScenery },
};

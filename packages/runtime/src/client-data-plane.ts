import { type ClientEngine, createClientEngine, createStandbyEngine, type StandbyEngine } from '@navalis/client-core';
import type { ClientEngineSettings, ClientEngineUpdate, StandbySettings } from './control/settings.ts';
import type { DataPlaneBinding } from './data-plane/run-data-plane.ts';

export type ClientSettings = ClientEngineSettings | StandbySettings;

/** What runs a client's engines: for the program of that name, and for the host-specific relay that does its part. */
export const clientBinding: DataPlaneBinding<ClientSettings, ClientEngineUpdate, ClientEngine | StandbyEngine> = {
  createEngine(settings, { policy, outputs, random, bound }) {
    if (settings.kind === 'standby') return createStandbyEngine(outputs);
    const { localAddress, localLink: localDiscovery, ...rest } = settings;
    const local = { address: localAddress, port: bound[0]!.port };
    return createClientEngine({ ...rest, local, policy, localDiscovery }, outputs, random);
  },
  update(engine, update, now) {
    // A client on standby has nothing that could change.
    if (!('resumed' in engine)) return;
    switch (update.kind) {
      case 'network-changed':
        engine.networkChanged(now, update.local);
        break;
      case 'local-link':
        engine.replaceLocalLink(update.link);
        break;
      case 'resumed':
        engine.resumed(update.sleptMs, now);
        break;
      case 'servers':
        engine.replaceServers(update.servers, now);
    }
  },
};

import { type ClientEngine, createClientEngine } from '@navalis/client-core';
import { type ClientEngineSettings, type ClientEngineUpdate, runDataPlane } from '@navalis/runtime/data-plane';

runDataPlane<ClientEngineSettings, ClientEngineUpdate, ClientEngine>({
  createEngine({ localAddress, ...settings }, { policy, outputs, random, bound }) {
    const local = { address: localAddress, port: bound[0]!.port };
    return createClientEngine({ ...settings, local, policy }, outputs, random);
  },
  update(engine, update, now) {
    switch (update.kind) {
      case 'network-changed':
        engine.networkChanged(now, update.local);
        break;
      case 'resumed':
        engine.resumed(update.sleptMs, now);
        break;
      case 'servers':
        engine.replaceServers(update.servers, now);
    }
  },
});

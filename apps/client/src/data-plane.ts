import { createClientEngine } from '@navalis/client-core';
import { type ClientEngineSettings, type ClientEngineUpdate, runDataPlane } from '@navalis/runtime/data-plane';

runDataPlane<ClientEngineSettings, ClientEngineUpdate, ReturnType<typeof createClientEngine>>({
  createEngine({ servers, localAddress }, { policy, outputs, random, bound }) {
    const local = { address: localAddress, port: bound[0]!.port };
    return createClientEngine({ servers, local, policy }, outputs, random);
  },
  update: (engine, _, now) => engine.networkChanged(now),
});

import { runDataPlane, type ServerEngineSettings, type ServerEngineUpdate } from '@navalis/runtime/data-plane';
import { ClientKeys, createServerEngine, type ServerEngine } from '@navalis/server-core';

runDataPlane<ServerEngineSettings, ServerEngineUpdate, ServerEngine>({
  createEngine(settings, { policy, extraGlobalIpv6, outputs, random }) {
    const clientKeys = settings.clientKeys && new ClientKeys(settings.clientKeys);
    return createServerEngine({ ...settings, clientKeys, policy, extraGlobalIpv6 }, outputs, random);
  },
  update(engine, { clientKeys, ...changes }) {
    if (clientKeys !== undefined) engine.replaceClientKeys(clientKeys);
    engine.reconfigure(changes);
  },
});

import { createRelayEngine } from '@navalis/relay-core';
import { type HostRelayEngineUpdate, type RelayEngineSettings, runDataPlane } from '@navalis/runtime/data-plane';

runDataPlane<RelayEngineSettings, HostRelayEngineUpdate, ReturnType<typeof createRelayEngine>>({
  createEngine: (settings, { policy, outputs, random }) =>
    createRelayEngine({ kind: 'host', ...settings, policy }, outputs, random),
  update: (engine, { servedRanges, localAddress }) => engine.replaceServedRanges(servedRanges, localAddress),
});

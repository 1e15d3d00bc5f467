import { createRelayEngine } from '@navalis/relay-core';
import { type RelayEngineSettings, runDataPlane } from '@navalis/runtime/data-plane';

runDataPlane<RelayEngineSettings>({
  createEngine: (settings, { policy, outputs, random }) =>
    createRelayEngine({ kind: 'relay', ...settings, policy }, outputs, random),
});

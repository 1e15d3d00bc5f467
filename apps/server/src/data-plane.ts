import { runDataPlane, type ServerEngineSettings } from '@navalis/runtime/data-plane';
import { createServerEngine } from '@navalis/server-core';

runDataPlane<ServerEngineSettings>({
  createEngine: (settings, { policy, outputs, random }) => createServerEngine({ ...settings, policy }, outputs, random),
});

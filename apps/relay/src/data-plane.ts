import { createRelayEngine, type RelayEngine } from '@navalis/relay-core';
import { type RelayEngineSettings, type RelayEngineUpdate, runDataPlane } from '@navalis/runtime/data-plane';

runDataPlane<RelayEngineSettings, RelayEngineUpdate, RelayEngine>({
  createEngine: (settings, { policy, extraGlobalIpv6, outputs, random, bound }) =>
    createRelayEngine(
      { ...settings, directBubbles: 'unless-public', policy, extraGlobalIpv6, servicePort: bound[0]!.port },
      outputs,
      random,
    ),
  update(engine, { networkChanged, changes, ...addresses }, now) {
    if (changes !== undefined) engine.reconfigure(changes);
    engine.replaceAddresses(addresses);
    if (networkChanged) engine.networkChanged(now);
  },
});

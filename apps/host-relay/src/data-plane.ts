import { createRelayEngine, type RelayEngine } from '@navalis/relay-core';
import { type ClientSettings, clientBinding } from '@navalis/runtime/client-data-plane';
import {
  type ClientEngineUpdate,
  type RelayEngineSettings,
  type RelayEngineUpdate,
  runDataPlane,
} from '@navalis/runtime/data-plane';

type ClientSide = ReturnType<typeof clientBinding.createEngine>;

/** One worker does one part: that of the relay, or that of the client while this host has no IPv6. */
runDataPlane<RelayEngineSettings | ClientSettings, RelayEngineUpdate | ClientEngineUpdate, RelayEngine | ClientSide>({
  createEngine(settings, context) {
    if (settings.kind === 'client' || settings.kind === 'standby') return clientBinding.createEngine(settings, context);
    const { policy, extraGlobalIpv6, outputs, random, bound } = context;
    return createRelayEngine({ ...settings, policy, extraGlobalIpv6, servicePort: bound[0]!.port }, outputs, random);
  },
  update(engine, update, now) {
    if ('replaceAddresses' in engine) updateRelay(engine, update as RelayEngineUpdate, now);
    else clientBinding.update?.(engine, update as ClientEngineUpdate, now);
  },
});

function updateRelay(
  engine: RelayEngine,
  { networkChanged, changes, ...addresses }: RelayEngineUpdate,
  now: number,
): void {
  if (changes !== undefined) engine.reconfigure(changes);
  engine.replaceAddresses(addresses);
  if (networkChanged) engine.networkChanged(now);
}

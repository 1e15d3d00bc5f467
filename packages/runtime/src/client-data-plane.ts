/**
 * The client's part of the data plane.
 *
 * - {@link clientBinding} creates and updates the engines of a client.
 * - {@link ClientSettings} is what the control plane sends for that.
 *
 * @packageDocumentation
 */

import { Ipv6Policy } from '@navalis/address';
import {
  type ClientEngine,
  createClientEngine,
  createRelayedClientEngine,
  createStandbyEngine,
  type StandbyEngine,
} from '@navalis/client-core';
import { servicePortId } from '@navalis/engine';
import type { DataPlaneBinding } from './worker/run-data-plane.ts';
import type { ClientEngineSettings, ClientEngineUpdate, StandbySettings } from './worker/settings.ts';

export type ClientSettings = ClientEngineSettings | StandbySettings;

/** Runs a client's engines: for the client program, and for a host-specific relay with the client's function. */
export const clientBinding: DataPlaneBinding<ClientSettings, ClientEngineUpdate, ClientEngine | StandbyEngine> = {
  createEngine(settings, { policy, extraGlobalIpv6, outputs, random, bound }) {
    if (settings.kind === 'standby') {
      return createStandbyEngine(outputs, new Ipv6Policy({ ipv4: policy, extraGlobal: extraGlobalIpv6 }));
    }
    const { localAddress, localLink: localDiscovery, refreshIntervalMs, portMapping, turn, ...rest } = settings;
    const options = {
      ...rest,
      ...(refreshIntervalMs !== undefined && { refreshIntervalMs }),
      local: { address: localAddress, port: bound[servicePortId]!.port },
      determinesRefreshInterval: refreshIntervalMs === undefined,
      policy,
      extraGlobalIpv6,
      localDiscovery,
    };
    const engine =
      turn === undefined
        ? createClientEngine(options, outputs, random)
        : createRelayedClientEngine(options, turn, outputs, random);
    // Its time begins with its start.
    if (portMapping !== undefined) engine.portMapped(portMapping, 0);
    return engine;
  },
  update(engine, update, now) {
    // A client on standby has nothing that could change.
    if (!('resumed' in engine)) return;
    switch (update.kind) {
      case 'network-changed':
        engine.replaceUnreachable(update.unreachable);
        engine.networkChanged(now, update.local.address);
        break;
      case 'local-link':
        engine.replaceLocalLink(update.link, now);
        break;
      case 'port-mapped':
        engine.portMapped(update.mapping, now);
        break;
      case 'resumed':
        engine.resumed(update.sleptMs, now);
        break;
      case 'turn-servers':
        engine.replaceTurnServers(update.servers);
        break;
      case 'servers':
        engine.replaceUnreachable(update.unreachable);
        engine.replaceServers(update.servers, now);
    }
  },
};

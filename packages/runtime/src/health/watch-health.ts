import { type Configuration, changedKeys } from '@navalis/config';
import type { HostAddresses } from '@navalis/life';
import type { RoleControl } from '../roles/shared/role-control.ts';
import { AddressWatch, type AddressWatchContext } from './address-watch.ts';
import { DropWatch, type DropWatchContext } from './drop-watch.ts';
import { type ForwardingContext, watchForwarding } from './forwarding-watch.ts';
import { type NativeRouteContext, NativeRouteWatch } from './native-route-watch.ts';
import { type OverflowWatchContext, watchOverflows } from './overflow-watch.ts';
import { checkServerIpv6 } from './server-ipv6-watch.ts';

/** Watches whether a running role works. */
export interface HealthWatch {
  hostChanged(host: HostAddresses): void;
  /** Takes over another configuration. */
  reconfigured(configuration: Configuration): void;
  end(): void;
}

/** The interval of checks of a relay that routers send packets to: it must withdraw within 5 s. */
const promptMs = 1_000;

/** Starts the watches of a running role. `host` holds the present addresses of this host. */
export function watchHealth(
  configuration: Configuration,
  control: Pick<RoleControl, 'status'>,
  context: Omit<DropWatchContext, 'counters' | 'role'> &
    AddressWatchContext &
    ForwardingContext &
    NativeRouteContext &
    OverflowWatchContext,
  host: HostAddresses,
): HealthWatch {
  const { degradations } = context;
  // Keys that name the interface and the addresses of sockets for datagrams take effect at the next start.
  const addresses = new AddressWatch(configuration, context);
  let inEffect = configuration;
  let present = host;
  const look = () => {
    addresses.look(present);
    if (inEffect.role === 'server') checkServerIpv6(inEffect, present, degradations);
  };
  look();
  const isAnnounced = configuration.role === 'relay' && configuration.announcementTable !== undefined;
  const periodMs = isAnnounced ? promptMs : undefined;
  const routes =
    configuration.role === 'relay' ? new NativeRouteWatch(configuration.servedPrefixes, context, periodMs) : undefined;
  const counters = async () => (await control.status()).counters;
  const drops = new DropWatch({ ...context, role: configuration.role, counters }, periodMs);
  const ends = [
    () => drops.close(),
    watchOverflows(context),
    () => routes?.end(),
    ...(configuration.role === 'relay' ? [watchForwarding(context, configuration.interfaceName)] : []),
  ];
  return {
    hostChanged: (changed) => {
      present = changed;
      look();
    },
    reconfigured: (next) => {
      const isServedElsewhere = changedKeys(inEffect, next).includes('served-prefix');
      inEffect = next;
      addresses.reconfigured(next);
      look();
      if (next.role === 'relay' && isServedElsewhere) routes?.serve(next.servedPrefixes);
    },
    end: () => {
      for (const end of ends) end();
    },
  };
}

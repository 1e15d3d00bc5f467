import type { Configuration } from '@navalis/config';
import type { HostAddresses } from '@navalis/life';
import type { RoleControl } from '../roles/shared/role-control.ts';
import { AddressWatch } from './address-watch.ts';
import { DropWatch, type DropWatchContext } from './drop-watch.ts';
import { type ForwardingContext, watchForwarding } from './forwarding-watch.ts';
import { type NativeRouteContext, watchNativeRoutes } from './native-route-watch.ts';
import { type OverflowWatchContext, watchOverflows } from './overflow-watch.ts';
import { watchServerIpv6 } from './server-ipv6-watch.ts';

/** Watches whether a running role works. */
export interface HealthWatch {
  hostChanged(host: HostAddresses): void;
  end(): void;
}

/** Starts the watches of a running role. `host` holds the present addresses of this host. */
export function watchHealth(
  configuration: Configuration,
  control: Pick<RoleControl, 'status'>,
  context: Omit<DropWatchContext, 'counters'> & ForwardingContext & NativeRouteContext & OverflowWatchContext,
  host: HostAddresses,
): HealthWatch {
  const addresses = new AddressWatch(configuration, context.degradations);
  const lookAtIpv6 =
    configuration.role === 'server' ? watchServerIpv6(configuration, context.degradations) : () => undefined;
  const look = (present: HostAddresses) => {
    addresses.look(present);
    lookAtIpv6(present);
  };
  look(host);
  const drops = new DropWatch({ ...context, counters: async () => (await control.status()).counters });
  const ends = [
    () => drops.close(),
    watchOverflows(context),
    ...(configuration.role === 'relay'
      ? [
          watchForwarding(context, configuration.interfaceName),
          watchNativeRoutes(configuration.servedPrefixes, context),
        ]
      : []),
  ];
  return {
    hostChanged: look,
    end: () => {
      for (const end of ends) end();
    },
  };
}

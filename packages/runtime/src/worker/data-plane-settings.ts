import type { Configuration, TunnelConfiguration } from '@navalis/config';
import { directedBroadcasts, type HostAddresses } from '@navalis/life';
import type { DataPlaneSettings, SocketSettings } from './messages.ts';

/** The keys that all data planes read; a server has no tunnel interface. */
type CommonKeys = Pick<Configuration, 'extraGlobalIpv4' | 'extraGlobalIpv6' | 'offload'> &
  Partial<Pick<TunnelConfiguration, 'interfaceName'>>;

/** Returns the settings of a worker with these sockets, on a host with these addresses. */
export function dataPlaneSettings<EngineSettings>(
  { extraGlobalIpv4, extraGlobalIpv6, offload, interfaceName }: CommonKeys,
  host: HostAddresses,
  sockets: readonly SocketSettings[],
  engine: EngineSettings,
): DataPlaneSettings<EngineSettings> {
  return {
    devices: { sockets, interfaceName, offload: offload === 'auto' },
    extraGlobalIpv4,
    extraGlobalIpv6,
    directedBroadcasts: directedBroadcasts(host),
    engine,
  };
}

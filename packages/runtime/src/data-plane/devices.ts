import type { Ipv4Endpoint } from '@navalis/address';
import { NavalisError } from '@navalis/engine';
import type { Netio, RawIpv6Sender, TunDevice, UdpSocket } from '@navalis/netio';
import type { DeviceLosses } from './device-losses.ts';
import type { Receiver } from './loop.ts';
import type { DeviceSettings } from './messages.ts';

/** The devices of one data plane. */
export interface Devices {
  /** By their port's number; undefined where a port was closed. None when nothing is to be sent: a client on standby. */
  readonly sockets: (UdpSocket | undefined)[];
  /** Where packets for the host go: the tunnel interface, or a server's IPv6 routing. */
  readonly host: TunDevice | RawIpv6Sender;
  readonly receivers: readonly Receiver[];
  /** Where each socket is bound, in the order of the settings. */
  readonly bound: readonly Ipv4Endpoint[];
}

/**
 * Opens what the settings name; what was opened before a failure is closed with the `Netio`.
 * @throws NavalisError with a sentence on what is missing.
 */
export function openDevices(
  settings: DeviceSettings,
  netio: Pick<Netio, 'openUdpSocket' | 'openTunDevice' | 'openRawIpv6Sender'>,
  losses: Pick<DeviceLosses, 'sockets' | 'host'>,
): Devices {
  const { interfaceName } = settings;
  const sockets: UdpSocket[] = [];
  // The sockets first: an interface that others see should not flash up for a port that is taken.
  for (const [portId, { endpoint, multicastInterface }] of settings.sockets.entries()) {
    try {
      sockets.push(netio.openUdpSocket({ portId, ...endpoint, multicastInterface, drops: losses.sockets }));
    } catch (error) {
      throw withPortCure(error, interfaceName === undefined);
    }
  }
  const tunnel =
    interfaceName === undefined ? undefined : netio.openTunDevice({ name: interfaceName, drops: losses.host });
  return {
    sockets: [...sockets],
    host: tunnel ?? netio.openRawIpv6Sender({ drops: losses.host }),
    receivers: tunnel === undefined ? sockets : [...sockets, tunnel],
    bound: sockets.map(({ address, port }) => ({ address, port })),
  };
}

/** What to do about a port that is taken: clients find a server by its port, and relays by any. */
function withPortCure(error: unknown, isServer: boolean): unknown {
  if (!(error instanceof NavalisError) || error.code !== 'address-in-use') return error;
  const cure = isServer
    ? 'Stop that program: a server works on this port alone.'
    : 'Stop that program, or choose another bind-port.';
  return new NavalisError(error.code, `${error.message} ${cure}`, error);
}

export function flushDevices(netio: Pick<Netio, 'flushSockets'>, devices: Pick<Devices, 'host'>): void {
  netio.flushSockets();
  devices.host.flush();
}

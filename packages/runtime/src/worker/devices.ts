import type { Netio, RawIpv6Sender, TunDevice } from '@navalis/netio';
import { NavalisError } from '../navalis-error.ts';
import type { DeviceLosses } from './device-losses.ts';
import type { WatchedDevices } from './loop/watched-devices.ts';
import type { DeviceSettings } from './messages.ts';
import { Ports } from './ports.ts';

/** The output for packets to the host: the tunnel interface, or a server's IPv6 routing. */
export type Host = TunDevice | RawIpv6Sender;

/** The collaborators of the devices. */
export interface DevicesParts {
  readonly netio: Pick<Netio, 'openUdpSocket' | 'openTunDevice' | 'openRawIpv6Sender'>;
  readonly watched: Pick<WatchedDevices, 'add' | 'remove'>;
  readonly losses: Pick<DeviceLosses, 'sockets' | 'host'>;
}

/** The devices of one data plane. */
export interface Devices {
  /** Empty for a client on standby, which sends nothing. */
  readonly ports: Ports;
  readonly host: Host;
}

/**
 * Opens the devices of the settings. After a failure, `Netio.close` closes those already open.
 * @throws NavalisError with a sentence on what is missing.
 */
export function openDevices(settings: DeviceSettings, { netio, watched, losses }: DevicesParts): Devices {
  const { interfaceName } = settings;
  const ports = new Ports({ netio, watched, drops: losses.sockets });
  // Sockets first: a taken port must not make the interface appear for a moment.
  for (const socket of settings.sockets) {
    try {
      ports.openFirst(socket);
    } catch (error) {
      throw withPortCure(error, interfaceName === undefined);
    }
  }
  if (interfaceName === undefined) return { ports, host: netio.openRawIpv6Sender({ drops: losses.host }) };
  const tunnel = netio.openTunDevice({ name: interfaceName, drops: losses.host });
  watched.add(tunnel);
  return { ports, host: tunnel };
}

/** Adds the cure for a port in use: clients find a server by its port, and relays at any port. */
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

import type { Poller } from './poller.ts';
import type { RawIpv6Sender, RawIpv6SenderOptions } from './raw-ipv6-sender.ts';
import type { TunDevice, TunDeviceOptions } from './tun-device.ts';
import type { UdpSocket, UdpSocketOptions } from './udp-socket.ts';

/**
 * Work on packets that is done once for many: `checksum`, the host leaves transport checksums to us; `tcp-segments` and
 * `udp-segments`, the host and the tunnel interface exchange super-segments; `send-joined`, datagrams to one endpoint
 * leave as one message; `receive-joined`, they arrive as one.
 */
export type Offload = 'checksum' | 'tcp-segments' | 'udp-segments' | 'send-joined' | 'receive-joined';

/**
 * The devices of one data plane; they share one fixed memory, so that what one received another sends without a copy.
 * Everything is for the thread that opened it. A device that is closed gives back what it had.
 */
export interface Netio {
  /** The offloads in use by the devices that are open now. */
  readonly offloads: readonly Offload[];
  /**
   * Throws `address-in-use`, `address-not-available`, `descriptor-limit`, `no-privilege` (ports below 1024), `no-interface`
   * or `system-call-failed`.
   */
  openUdpSocket(options: UdpSocketOptions): UdpSocket;
  /**
   * Creates the interface. Throws `no-tunnel-device`, `no-privilege`, `interface-taken`, `configuration` (impossible
   * name) or `system-call-failed`.
   */
  openTunDevice(options: TunDeviceOptions): TunDevice;
  /** Throws `no-privilege` or `system-call-failed`. */
  openRawIpv6Sender(options: RawIpv6SenderOptions): RawIpv6Sender;
  /** Opens a poller for so many devices at once, 128 by default: each wait looks at all of them. */
  openPoller(devices?: number): Poller;
  /** Sends what is queued on any socket; what the kernel refuses is dropped and counted, never tried again. */
  flushSockets(): void;
  /** Lets the calling thread have the processor as soon as it has something to do, as far as that is permitted. */
  raiseOwnPriority(): void;
  /** Closes every device that is still open. */
  close(): void;
}

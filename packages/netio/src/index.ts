/**
 * Linux network devices for one data-plane thread, without a compiler: tunnel interface, batched UDP, raw IPv6 and
 * `poll`.
 *
 * - {@link openLinuxNetio} opens the devices of the kernel.
 * - {@link Netio} is the interface that the kernel's devices and the fakes share.
 * - {@link openUnixSender} sends datagrams to a Unix socket, and {@link openUnixPeers} tells who connected to one.
 * - {@link Poller} waits for several devices and for other threads.
 *
 * @packageDocumentation
 */

export {
  createPacketRun,
  type DatagramRun,
  type Milliseconds,
  type PacketRun,
  type PortId,
  pointRunAt,
} from '@navalis/engine';
export type { DeviceError, DeviceErrorCode } from './device-error-code.ts';
export { DeviceDropCounts, type DeviceDropReason, type DropSink, deviceDropReasons } from './drop-sink.ts';
export { type NetioOptions, openLinuxNetio } from './linux/linux-netio.ts';
export { openUnixPeers } from './linux/unix-peer.ts';
export { openUnixSender, type UnixSender } from './linux/unix-sender.ts';
export type { Netio, Offload } from './netio.ts';
export { type Poller, wakePoller } from './poller.ts';
export type { RawIpv6Sender, RawIpv6SenderOptions } from './raw-ipv6-sender.ts';
export type { PacketSink, TunDevice, TunDeviceOptions } from './tun-device.ts';
export type { DatagramSink, UdpSocket, UdpSocketOptions } from './udp-socket.ts';

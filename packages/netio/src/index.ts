export { DeviceLosses } from './device-losses.ts';
export type { DropSink } from './drop-sink.ts';
export { openLinuxNetio } from './linux/linux-netio.ts';
export type { Netio, Offload } from './netio.ts';
export { type Poller, wakePoller } from './poller.ts';
export type { RawIpv6Sender, RawIpv6SenderOptions } from './raw-ipv6-sender.ts';
export type { PacketSink, TunDevice, TunDeviceOptions } from './tun-device.ts';
export type { DatagramSink, UdpSocket, UdpSocketOptions } from './udp-socket.ts';

/**
 * Devices in memory, with the rules and errors of the real ones, and the parts of netio that tests measure by
 * themselves.
 *
 * - {@link FakeNetio} opens devices in memory.
 * - {@link FakeUdpSocket} takes what shall arrive and hands out what was sent.
 * - {@link FakeTunDevice} does the same for a tunnel interface.
 *
 * @packageDocumentation
 */

export type { DeviceMemory } from './fake/device-memory.ts';
export { FakeNetio } from './fake/fake-netio.ts';
export { FakePoller, type WatchedDevice } from './fake/fake-poller.ts';
export { FakeRawIpv6Sender } from './fake/fake-raw-ipv6-sender.ts';
export { FakeTunDevice } from './fake/fake-tun-device.ts';
export { type FakeDatagram, FakeUdpSocket } from './fake/fake-udp-socket.ts';
export { type Allocator, Arena } from './kernel/arena.ts';
export type { Koffi } from './kernel/load-koffi.ts';
export type { WebAssemblyMemory } from './kernel/web-assembly.ts';
export { Coalescer } from './offload/coalescer.ts';
export { Segmenter } from './offload/segmenter.ts';
export { createPacketLoops, type PacketLoops } from './packet-loops/packet-loops.ts';

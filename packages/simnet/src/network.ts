/**
 * A virtual IPv4 Internet with NATs and an IPv6 Internet, for any engine or UDP program, without Teredo.
 *
 * - {@link virtualNetwork} creates a network with nothing in it.
 * - {@link VirtualNetwork} adds hosts, NATs and engines, and lets time pass.
 * - {@link natKinds} are the kinds of NAT with their behaviour.
 *
 * @packageDocumentation
 */

export { createPacketRun, type DatagramRun, type Milliseconds, type PacketRun, pointRunAt } from '@navalis/engine';
export {
  type Dependence,
  type NatBehaviour,
  type NatKind,
  natKinds,
  supportedNatKinds,
  symmetricNatKinds,
} from '@navalis/nat';
export type { EngineHost, EngineOwner, HostedEvent, HostedOutputs, TimedEvent } from './hosts/engine-host.ts';
export type { HostError, Ipv6Host, Ping } from './hosts/ipv6-host.ts';
export type { NativeHost, NativeHostParts } from './hosts/native-host.ts';
export type { Transfer } from './hosts/transfer.ts';
export type { DatagramHandler, NumberedHandler, UdpHost, UdpHostParts, UdpSocket } from './hosts/udp-host.ts';
export type { NatMapping } from './nat/dynamic-mappings.ts';
export type { Nat } from './nat/nat.ts';
export { NatMappings, type StaticUse } from './nat/nat-mappings.ts';
export type {
  EngineHostOptions,
  HostOptions,
  NativeHostOptions,
  NatOptions,
  NetworkOptions,
} from './node-options.ts';
export type { Ipv6Network, Ipv6Node } from './paths/ipv6-network.ts';
export type { PathQuality } from './paths/path-quality.ts';
export type { Attachment, Datagram, DatagramObserver, PortMapper, Realm, RealmParts } from './paths/realm.ts';
export type { Traffic } from './paths/traffic.ts';
export { forEachSeed, seedOr, seedVariable, withSeed } from './seeds.ts';
export { type SeedNames, SimRandom, SimStream } from './sim-random.ts';
export { type Timer, VirtualClock } from './virtual-clock.ts';
export { VirtualNetwork, virtualNetwork } from './virtual-network.ts';

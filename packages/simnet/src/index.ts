/**
 * A deterministic virtual Internet with virtual time, NATs in the terms of RFC 4787, and the real protocol machines.
 *
 * - {@link internet} creates an Internet with nothing in it.
 * - {@link Internet} adds hosts, NATs, servers, clients and relays, and lets time pass.
 * - {@link natKinds} are the kinds of NAT with their behaviour.
 *
 * @packageDocumentation
 */

export type { ClientNode } from './client-node.ts';
export type { EngineHost, TimedEvent } from './engine-host.ts';
export type { HostRelayNode } from './host-relay-node.ts';
export { Internet, internet } from './internet.ts';
export type { HostError, Ipv6Host, Ping } from './ipv6-host.ts';
export type { Ipv6Network, Ipv6Node } from './ipv6-network.ts';
export type { Nat } from './nat.ts';
export {
  type Dependence,
  type NatBehaviour,
  type NatKind,
  natKinds,
  supportedNatKinds,
  symmetricNatKinds,
} from './nat-behaviour.ts';
export type { NativeHost } from './native-host.ts';
export type {
  ClientNodeOptions,
  EngineHostOptions,
  HostOptions,
  InternetOptions,
  NativeHostOptions,
  NatOptions,
  RelayNodeOptions,
  ServerNodeOptions,
} from './node-options.ts';
export type { PathQuality } from './path-quality.ts';
export type { Attachment, Datagram, DatagramObserver, Realm } from './realm.ts';
export type { RelayNode } from './relay-node.ts';
export { forEachSeed, seedOr, seedVariable, withSeed } from './seeds.ts';
export type { ServerNode } from './server-node.ts';
export { SimRandom } from './sim-random.ts';
export type { Traffic } from './traffic.ts';
export type { Transfer } from './transfer.ts';
export type { DatagramHandler, UdpHost, UdpSocket } from './udp-host.ts';
export { type Timer, VirtualClock } from './virtual-clock.ts';

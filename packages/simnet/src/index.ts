export { type HostOptions, Internet, type InternetOptions, internet, type NatOptions } from './internet.ts';
export type { Nat } from './nat.ts';
export {
  type Dependence,
  type NatBehaviour,
  type NatKind,
  natKinds,
  supportedNatKinds,
  symmetricNatKinds,
} from './nat-behaviour.ts';
export type { PathQuality } from './path-quality.ts';
export type { Datagram, DatagramObserver, Realm } from './realm.ts';
export { forEachSeed, seedOr, seedVariable, withSeed } from './seeds.ts';
export { SimRandom } from './sim-random.ts';
export type { DatagramHandler, UdpHost, UdpSocket } from './udp-host.ts';
export { type Timer, VirtualClock } from './virtual-clock.ts';

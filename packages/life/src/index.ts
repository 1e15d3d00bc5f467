/**
 * Decides when a Teredo role runs on a host: the pure machines of the control plane. They know no timer, no socket and no
 * promise; the caller brings the time, and asks for the next deadline.
 *
 * - {@link ClientLife} decides whether a client runs, and {@link clientBlocker} why not.
 * - {@link FunctionChoice} decides between relay and client on a host that can be either.
 * - {@link RetryPace} decides how soon to try again, {@link RestorePace} how soon to restore an interface, and
 *   {@link AnnouncementPace} how soon to announce a relay.
 *
 * @packageDocumentation
 */

export { AnnouncementPace } from './announcement-pace.ts';
export { type BlockerPolicies, type BlockerProbes, type BlockerSettings, clientBlocker } from './client-blocker.ts';
export { type Blocker, ClientLife } from './client-life.ts';
export type { ControlEvent, DisabledReason } from './control-events.ts';
export { FunctionChoice, type HostFunction } from './function-choice.ts';
export {
  directedBroadcasts,
  globalIpv6Addresses,
  type HostAddresses,
  type HostIpv4Address,
  type HostIpv6Address,
  ipv4Addresses,
  subnetOf,
  withoutInterface,
} from './host/host-addresses.ts';
export { Ipv4Network } from './host/ipv4-network.ts';
export { anyInterface, type Ipv6Connectivity, ipv6ConnectivityOf } from './host/ipv6-connectivity.ts';
export { type ClockReadings, SleepDetector } from './host/sleep-detector.ts';
export { Idleness } from './idleness.ts';
export { RestorePace } from './restore-pace.ts';
export { RetryPace } from './retry-pace.ts';
export { type SunsetNotice, SunsetReminder, sunsetNotice } from './sunset.ts';
export { TurnChoice } from './turn-choice.ts';

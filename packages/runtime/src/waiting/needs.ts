import type { OfflineReason } from '@navalis/engine';
import { NavalisError, type NavalisErrorCode } from '../navalis-error.ts';

/** The resource that a role waits for, before it can start or, as a client that is off-line, before it has an address. A reason is a metric label and a value in `status --json`. */
export type WaitingReason = 'server-name' | 'ipv6-address' | 'bind-address' | 'interface' | 'route' | 'server';

/** Completes "waiting for ...". */
export const waitingDescriptions: Readonly<Record<WaitingReason, string>> = {
  'server-name': 'a server name to resolve',
  'ipv6-address': 'a global IPv6 address',
  'bind-address': 'an address to bind to',
  interface: 'an interface',
  route: 'an IPv4 route to the server',
  server: 'an answer of the server',
};

/** The cures of a role that cannot start. An off-line client has that of its `offlineReason`. */
export const waitingCures: Readonly<Partial<Record<WaitingReason, string>>> = {
  'server-name': 'Correct the key server, or look at the name servers of this host.',
  'ipv6-address': 'Give an interface of this host a global IPv6 address.',
  'bind-address': 'Give the address to an interface that is up, or correct the key that names it.',
  interface: 'Create the interface, or correct the key that names it.',
};

/** The needs of a client without an address; undefined where its NAT is the reason. */
const offlineNeeds: Readonly<Record<OfflineReason, WaitingReason | undefined>> = {
  'no-route': 'route',
  'server-silent': 'server',
  'no-authenticated-answer': 'server',
  'secondary-silent': 'server',
  symmetric: undefined,
  'mapped-not-global': undefined,
  'turn-unavailable': undefined,
};

/** Returns what a client that is off-line for this reason waits for. */
export function needOfOffline(reason: OfflineReason): WaitingReason | undefined {
  return offlineNeeds[reason];
}

/** Errors that a later change of the network cures, without a change of the configuration. All others end a program. */
const curable: Readonly<Partial<Record<NavalisErrorCode, WaitingReason>>> = {
  'name-not-resolved': 'server-name',
  'no-global-ipv6': 'ipv6-address',
  'address-not-available': 'bind-address',
  'no-interface': 'interface',
};

export const waitingReasons: readonly WaitingReason[] = Object.keys(waitingDescriptions) as WaitingReason[];

/** A resource that the network lacks. */
export interface Need {
  readonly reason: WaitingReason;
  /** The description for people. */
  readonly sentence: string;
  /** The name or address that is missing. */
  readonly evidence: string | undefined;
}

/** Returns the resource whose lack caused an error; undefined if no change of the network cures it. */
export function needBehind(error: unknown): Need | undefined {
  if (!(error instanceof NavalisError)) return undefined;
  const reason = curable[error.code];
  return reason && { reason, sentence: error.message, evidence: error.evidence };
}

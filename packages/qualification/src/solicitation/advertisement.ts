import { type Ipv4Endpoint, type Ipv4Value, type Ipv6Value, ipv6Equals, teredoPort } from '@navalis/address';
import type { DatagramRun, DropReason } from '@navalis/engine';
import {
  type DatagramLayout,
  defaultLinkMtu,
  type MessageAuthenticator,
  type RouterAdvertisement,
  readRouterAdvertisement,
} from '@navalis/wire';
import { clientPrefixLength } from '../constants.ts';

/** The nonces that an answer may carry. */
export interface KnownNonces {
  readonly isEmpty: boolean;
  /** Returns true if the 8 octets at `offset` are one of them. */
  includes(bytes: Uint8Array, offset: number): boolean;
}

/** The expected answer to the outstanding solicitations. */
export interface ExpectedAdvertisement {
  /** The server address that the solicitations went to. */
  readonly respondent: Ipv4Value;
  /** The source of the solicitations. */
  readonly linkLocal: Ipv6Value;
  readonly nonces: KnownNonces;
  /** With one, an answer without the right authentication value is none (CL-S-13). */
  readonly authenticator: MessageAuthenticator | undefined;
  readonly servicePrefix: number;
  /** The server's primary address, which is in the prefix whichever address answers. */
  readonly primary: Ipv4Value;
  readonly maximumMtu: number;
}

/** The content of a valid answer. */
export interface Learned {
  readonly mapped: Ipv4Endpoint;
  readonly mtu: number;
  /** The server asks for another secret, and says so with the secret in use. */
  readonly renewKey: boolean;
}

/**
 * Judges a datagram that holds a router advertisement (RFC 4380 5.2.1): from the address solicited, with an origin, the
 * nonce, our link-local address as destination, and exactly the server's prefix. For anything else it returns
 * the drop reason.
 */
export function judgeAdvertisement(
  run: DatagramRun,
  layout: DatagramLayout,
  expected: ExpectedAdvertisement,
): Learned | DropReason {
  if (expected.nonces.isEmpty) return 'unsolicited-router-advertisement';
  if (run.sourceAddress !== expected.respondent || run.sourcePort !== teredoPort) return 'endpoint-mismatch';
  if (layout.originOffset < 0 || layout.originPort === 0) return 'invalid-router-advertisement';
  if (layout.authenticationOffset < 0) return 'nonce-mismatch';
  if (!expected.nonces.includes(run.memory, layout.nonceOffset)) return 'nonce-mismatch';
  const { authenticator } = expected;
  if (authenticator !== undefined && !authenticator.verify(run.memory, layout)) return 'authentication-failed';
  const advertisement = readRouterAdvertisement(run.memory, layout.packetOffset);
  if (advertisement === undefined || !isForUs(advertisement, expected)) return 'invalid-router-advertisement';
  return {
    mapped: { address: layout.originAddress, port: layout.originPort },
    mtu: acceptableMtu(advertisement.mtu ?? defaultLinkMtu, expected.maximumMtu),
    renewKey: authenticator !== undefined && layout.confirmation !== 0,
  };
}

function isForUs(advertisement: RouterAdvertisement, expected: ExpectedAdvertisement): boolean {
  if (!ipv6Equals(advertisement.destination, expected.linkLocal)) return false;
  if (advertisement.prefixes.length !== 1) return false;
  const { prefix, length } = advertisement.prefixes[0]!;
  return length === clientPrefixLength && prefix.word0 === expected.servicePrefix && prefix.word1 === expected.primary;
}

function acceptableMtu(offered: number, maximum: number): number {
  return offered <= maximum ? Math.max(offered, defaultLinkMtu) : defaultLinkMtu;
}

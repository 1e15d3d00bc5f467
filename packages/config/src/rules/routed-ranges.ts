import {
  formatIpv4,
  formatIpv6,
  type Ipv4Prefix,
  type Ipv6Class,
  type Ipv6Policy,
  type Ipv6Prefix,
  type Ipv6Value,
  ipv4PrefixContains,
  ipv6PrefixContains,
} from '@navalis/address';
import { conflict } from '../mistakes.ts';

/** Checks a relay's own address. @throws NavalisError `configuration` for one that no packet would arrive at. */
export function checkRelayAddress(address: Ipv6Value, policy: Ipv6Policy): void {
  const kind = policy.classify(address);
  if (kind === 'global' || kind === '6to4') return;
  throw conflict('ipv6-address', formatIpv6(address), reasonAgainst(kind, address));
}

/**
 * Checks a range of native addresses that a relay serves; one of the IPv6 Internet may have reserved parts, which are not
 * served. `extraGlobal` are the ranges that the policy re-admits.
 * @throws NavalisError `configuration` for one that reaches outside 2000::/3, or that nobody routes as a whole.
 */
export function checkServedPrefix(
  prefix: Ipv6Prefix,
  policy: Ipv6Policy,
  extraGlobal: readonly Ipv6Prefix[],
  servicePrefix: number,
): void {
  const { address, length } = prefix;
  const text = `${formatIpv6(address)}/${length}`;
  if (length >= 32 && address.word0 === servicePrefix) {
    throw conflict('served-prefix', text, 'it lies inside the service prefix');
  }
  if (extraGlobal.some((extra) => length >= extra.length && ipv6PrefixContains(extra, address))) return;
  if (length < 3 || address.word0 >>> 29 !== 1) throw conflict('served-prefix', text, reasonAgainst('other', address));
  if (isReserved(prefix, policy)) {
    throw conflict('served-prefix', text, reasonAgainst(policy.classify(address), address));
  }
}

/** @throws NavalisError `configuration` for a range that no policy ever re-admits. */
export function checkExtraGlobalIpv4(prefixes: readonly Ipv4Prefix[]): void {
  for (const prefix of prefixes) {
    const never = neverGlobalIpv4.find(
      (block) => prefix.length >= block.length && ipv4PrefixContains(block, prefix.address),
    );
    if (never === undefined) continue;
    const text = `${formatIpv4(prefix.address)}/${prefix.length}`;
    throw conflict('extra-global-ipv4', text, 'this network, multicast and broadcast are never global');
  }
}

/** @throws NavalisError `configuration` for a range that no policy ever re-admits. */
export function checkExtraGlobalIpv6(prefixes: readonly Ipv6Prefix[]): void {
  for (const { address, length } of prefixes) {
    const { word0 } = address;
    const isNever =
      (length >= 32 && (word0 === 0 || word0 === 0x20010000)) ||
      (length >= 8 && word0 >>> 24 === 0xff) ||
      (length >= 10 && word0 >>> 22 === 0x3fa);
    if (!isNever) continue;
    const text = `${formatIpv6(address)}/${length}`;
    const reason = 'multicast, link-local and Teredo addresses and ::/32 are never global';
    throw conflict('extra-global-ipv6', text, reason);
  }
}

const neverGlobalIpv4: readonly Ipv4Prefix[] = [
  { address: 0x00000000, length: 8 },
  { address: 0xe0000000, length: 4 },
  { address: 0xffffffff, length: 32 },
];

/** Returns true if both ends of the range are in one reserved range. */
function isReserved(prefix: Ipv6Prefix, policy: Ipv6Policy): boolean {
  const first = policy.classify(prefix.address);
  if (first === 'global' || first === '6to4' || first === 'teredo') return false;
  // The whole of 6to4 begins and ends with addresses that embed no global one.
  const isWide = isSixToFour(prefix.address) && prefix.length < 24;
  return !isWide && policy.classify(lastAddress(prefix)) === first;
}

function isSixToFour({ word0 }: Ipv6Value): boolean {
  return word0 >>> 16 === 0x2002;
}

function reasonAgainst(kind: Ipv6Class, address: Ipv6Value): string {
  const cure = 'replace it with one that is routed to this host (extra-global-ipv6 re-admits reserved ranges)';
  switch (kind) {
    case 'documentation':
      return `it is an example from a range for documentation, which nobody routes; ${cure}`;
    case 'reserved':
      return isSixToFour(address)
        ? `the IPv4 address inside it is not global, so nobody routes it; ${cure}`
        : `it is reserved, and nobody routes it; ${cure}`;
    case 'teredo':
      return 'it must lie outside the service prefix';
    default:
      return `it is outside 2000::/3, the global IPv6 addresses; ${cure}`;
  }
}

function lastAddress({ address, length }: Ipv6Prefix): Ipv6Value {
  const last = (word: number, before: number) => {
    const bits = Math.min(32, Math.max(0, length - before));
    return bits === 32 ? word : (word | (0xffffffff >>> bits)) >>> 0;
  };
  return {
    word0: last(address.word0, 0),
    word1: last(address.word1, 32),
    word2: last(address.word2, 64),
    word3: last(address.word3, 96),
  };
}

import { closeSync, openSync, readSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import {
  Ipv4Policy,
  type Ipv4Prefix,
  type Ipv4Value,
  Ipv6Policy,
  type Ipv6Value,
  parseIpv4,
  parseIpv6,
} from '@navalis/address';
import { parseIpv6Exits } from './ipv6-exits.ts';

interface HostIpv4Address {
  readonly address: Ipv4Value;
  /** Of its subnet, 0 to 32. */
  readonly prefixLength: number;
  readonly interfaceName: string;
}

export interface HostIpv6Address {
  readonly address: Ipv6Value;
  readonly interfaceName: string;
  /** Not yet known to be unique, or known not to be. */
  readonly isTentative: boolean;
  readonly isDeprecated: boolean;
  /** One of the short-lived addresses of RFC 8981. */
  readonly isTemporary: boolean;
}

/** This host's addresses and ways out at one moment. */
export interface HostAddresses {
  readonly ipv4: readonly HostIpv4Address[];
  readonly ipv6: readonly HostIpv6Address[];
  /** IPv4 default routes as the interface and the gateway in the kernel's notation: another one leads through another NAT. */
  readonly ipv4Gateways: readonly string[];
  /** Interfaces through which IPv6 default routes lead, of all tables. */
  readonly ipv6Exits: readonly string[];
}

export function readHostAddresses(): HostAddresses {
  const ipv6Routes = kernelTable('/proc/net/ipv6_route');
  return {
    // The kernel puts the default route at the end of each table.
    ipv6Exits: parseIpv6Exits(ipv6Routes, ipv6Routes.length < tableOctets),
    ipv4: readIpv4Addresses(),
    ipv6: parseIfInet6(kernelTable('/proc/net/if_inet6')),
    ipv4Gateways: parseDefaultRoutes(kernelTable('/proc/net/route')),
  };
}

const ipv6Internet = new Ipv6Policy({ ipv4: new Ipv4Policy({ strictness: 'strict' }) });

/**
 * Addresses that make this host a node of the IPv6 Internet without Teredo, best first: stable before temporary
 * ones. Empty when all there are is tentative or deprecated.
 */
export function globalIpv6Addresses(host: HostAddresses, policy: Ipv6Policy = ipv6Internet): readonly Ipv6Value[] {
  const candidates = host.ipv6.filter(({ isTentative, address }) => !isTentative && policy.isGlobal(address));
  if (candidates.every((entry) => entry.isDeprecated)) return [];
  const rank = (entry: HostIpv6Address) => (entry.isDeprecated ? 2 : 0) + (entry.isTemporary ? 1 : 0);
  return candidates.toSorted((left, right) => rank(left) - rank(right)).map((entry) => entry.address);
}

export function ipv4Addresses(host: HostAddresses): readonly Ipv4Value[] {
  return host.ipv4.map((entry) => entry.address);
}

export function directedBroadcasts(host: HostAddresses): readonly Ipv4Value[] {
  // The longest two prefixes leave no room for a broadcast address (RFC 3021).
  return host.ipv4
    .filter(({ prefixLength }) => prefixLength <= 30)
    .map(({ address, prefixLength }) => (address | (0xffffffff >>> prefixLength)) >>> 0);
}

/** The subnet of an interface; undefined while it has no address. */
export function subnetOf(host: HostAddresses, interfaceName: string): Ipv4Prefix | undefined {
  const entry = host.ipv4.find((each) => each.interfaceName === interfaceName);
  return entry && { address: entry.address, length: entry.prefixLength };
}

/** Reads the kernel's list (`/proc/net/if_inet6`), which unlike Node's tells the state of each address. */
export function parseIfInet6(text: string): readonly HostIpv6Address[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length === 6)
    .map(([hex, , , , flagsText, interfaceName]) => {
      const flags = Number.parseInt(flagsText!, 16);
      return {
        address: parseIpv6(hex!.match(/.{4}/g)!.join(':'))!,
        interfaceName: interfaceName!,
        isTentative: (flags & (addressFlags.tentative | addressFlags.duplicate)) !== 0,
        isDeprecated: (flags & addressFlags.deprecated) !== 0,
        isTemporary: (flags & addressFlags.temporary) !== 0,
      };
    });
}

/** IFA_F_* of linux/if_addr.h, the low octet that the list shows. */
const addressFlags = { temporary: 0x01, duplicate: 0x08, deprecated: 0x20, tentative: 0x40 } as const;

/** Reads the kernel's main routing table of IPv4 (`/proc/net/route`). */
export function parseDefaultRoutes(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000')
    .map(([interfaceName, , gateway]) => `${interfaceName} ${gateway}`);
}

/** The beginning of a kernel's table, bounded: a router may have a million routes. Of IPv4 the default ones come first. */
function kernelTable(path: string): string {
  try {
    const descriptor = openSync(path, 'r');
    try {
      return readTable(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // A kernel without the protocol has no such file.
    return '';
  }
}

const tableOctets = 256 * 1024;

/** The kernel gives such files a page at a time. */
function readTable(descriptor: number): string {
  const bytes = new Uint8Array(tableOctets);
  let length = 0;
  for (let more = -1; more !== 0 && length < tableOctets; length += more) {
    more = readSync(descriptor, bytes, length, tableOctets - length, null);
  }
  return new TextDecoder().decode(bytes.subarray(0, length));
}

function readIpv4Addresses(): readonly HostIpv4Address[] {
  return Object.entries(networkInterfaces()).flatMap(([interfaceName, entries]) =>
    (entries ?? [])
      .filter((entry) => entry.family === 'IPv4')
      .map(({ address, netmask }) => ({
        address: parseIpv4(address)!,
        prefixLength: 32 - Math.log2(2 ** 32 - parseIpv4(netmask)!),
        interfaceName,
      })),
  );
}

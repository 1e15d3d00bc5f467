import { closeSync, openSync, readSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { parseIpv4, parseIpv6 } from '@navalis/address';
import type { HostAddresses, HostIpv4Address, HostIpv6Address } from '@navalis/life';
import { parseIpv6Exits } from './ipv6-exits.ts';

/** Reads the present addresses and default routes from the kernel. */
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

/** Reads the kernel's list (`/proc/net/if_inet6`); unlike Node's, it includes the state of each address. */
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

/** Reads the start of a kernel's table, bounded: a router may have a million routes. Default routes come first for IPv4. */
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

/** The kernel returns such files one page at a time. */
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

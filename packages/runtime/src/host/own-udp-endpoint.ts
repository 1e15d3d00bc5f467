import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { parseIpv4 } from '@navalis/address';

const descriptors = '/proc/self/fd';

/** Returns true if a UDP socket of this process is bound to the endpoint, or to that port of any address. */
export function isOwnUdpEndpoint(address: string, port: number): boolean {
  try {
    const inodes = inodesAt(address, port);
    return inodes.length > 0 && readdirSync(descriptors).some((name) => inodes.includes(inodeOf(name)));
  } catch {
    // Where /proc tells nothing, nothing is known to be this process's own.
    return false;
  }
}

/** Returns the inodes of all sockets of this host that are bound there, one for each line of the table (proc(5)). */
function inodesAt(address: string, port: number): readonly string[] {
  const places = [hexOf(address), hexOf('0.0.0.0')].map((text) => `${text}:${hex(port, 4)}`);
  const lines = readFileSync('/proc/self/net/udp', 'utf8').split('\n').slice(1);
  return lines.flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    return places.includes(fields[1]!) ? [fields[9]!] : [];
  });
}

/** The kernel prints the four octets as one number of a little-endian machine. */
function hexOf(address: string): string {
  const value = parseIpv4(address)!;
  return [0, 8, 16, 24].map((shift) => hex((value >>> shift) & 0xff, 2)).join('');
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}

/** Returns the inode of a descriptor that is a socket; an empty text for any other, or one that was closed meanwhile. */
function inodeOf(name: string): string {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(join(descriptors, name)))?.[1] ?? '';
  } catch {
    return '';
  }
}

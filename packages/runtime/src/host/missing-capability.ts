import { readFileSync } from 'node:fs';
import type { Role } from '@navalis/config';
import { NavalisError } from '../navalis-error.ts';

/** capabilities(7): what opens a raw socket, and what opens a tunnel interface. */
const needed = {
  server: { name: 'CAP_NET_RAW', bit: 13n },
  others: { name: 'CAP_NET_ADMIN', bit: 12n },
} as const;

/**
 * Returns the error of a role whose program lacks the capability that it will need, before anything is opened. A person who
 * starts the program by hand would otherwise hear of the first file that it may not write, and a program that waits for its
 * network would tell of it only when the network comes.
 */
export function missingCapability(role: Role, readStatus: () => string = ownStatus): NavalisError | undefined {
  const { name, bit } = role === 'server' ? needed.server : needed.others;
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readStatus())?.[1];
  if (effective === undefined || ((BigInt(`0x${effective}`) >> bit) & 1n) === 1n) return undefined;
  return new NavalisError(
    'no-privilege',
    `This program needs the capability ${name}: run as root, or with AmbientCapabilities=${name} in the systemd unit.`,
  );
}

function ownStatus(): string {
  return readFileSync('/proc/self/status', 'utf8');
}

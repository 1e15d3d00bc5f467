import { readFileSync } from 'node:fs';
import type { Role } from '@navalis/config';
import { NavalisError } from '../navalis-error.ts';

/** The capabilities that open a raw socket and a tunnel interface (capabilities(7)). */
const needed = {
  server: { name: 'CAP_NET_RAW', bit: 13n },
  others: { name: 'CAP_NET_ADMIN', bit: 12n },
} as const;

/**
 * Returns an error if the program lacks the capability that its role needs, before anything is opened. Otherwise a program
 * started by hand would report the first file it cannot write, and a program that waits for its network would report the
 * missing capability only after the network comes up.
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

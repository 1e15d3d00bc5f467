import { readdirSync } from 'node:fs';

/** Every name that a laboratory gives in the machine's own scope starts so, followed by the number of its process. */
const ours = /^nvlab(\d+)([a-z]*)-/;

let laboratories = 0;

/** The prefix of one laboratory: unique among all processes and among the laboratories of this one. */
export function laboratoryPrefix(): string {
  const letters = laboratories
    .toString(26)
    .replace(/./g, (digit) => String.fromCharCode(97 + Number.parseInt(digit, 26)));
  laboratories += 1;
  return `nvlab${process.pid}${letters}-`;
}

/** Names below /run/netns. */
export function namespacesWithPrefix(prefix: string): string[] {
  try {
    return readdirSync('/run/netns').filter((name) => name.startsWith(prefix));
  } catch {
    return [];
  }
}

/** Returns true if the name belongs to a laboratory whose process has ended. */
export function isAbandoned(name: string): boolean {
  const pid = ours.exec(name)?.[1];
  return pid !== undefined && !isAlive(Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

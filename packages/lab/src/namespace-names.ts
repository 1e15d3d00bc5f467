import { readdirSync } from 'node:fs';

/** Every name that a laboratory gives in the machine's own scope starts so, followed by the number of its process. */
const ours = /^nvlab(\d+)([a-z]*)-/;

const registered = '/run/netns';
let laboratories = 0;

/** The prefix of one laboratory: unique among all processes and among the laboratories of this one. */
export function laboratoryPrefix(): string {
  const letters = laboratories
    .toString(26)
    .replace(/./g, (digit) => String.fromCharCode(97 + Number.parseInt(digit, 26)));
  laboratories += 1;
  return `nvlab${process.pid}${letters}-`;
}

export function namespacesWithPrefix(prefix: string): string[] {
  return registeredNames().filter((name) => name.startsWith(prefix));
}

/** Namespaces of laboratories whose process is no more. */
export function abandonedNamespaces(): string[] {
  return registeredNames().filter((name) => {
    const pid = ours.exec(name)?.[1];
    return pid !== undefined && !isAlive(Number(pid));
  });
}

function registeredNames(): string[] {
  try {
    return readdirSync(registered);
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

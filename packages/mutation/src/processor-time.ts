import { readdirSync, readFileSync } from 'node:fs';

/** `USER_HZ`, in which Linux tells processor time to programs. */
const ticksPerSecond = 100;

/** Places in `/proc/PID/stat` after the name of the command: the process group, and ticks in user and kernel mode. */
const groupPlace = 2;
const userPlace = 11;
const kernelPlace = 12;

/** Returns the processor time in milliseconds that the living processes of a process group have used. */
export function processorTimeMs(group: number): number {
  let ticks = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const fields = statOf(name);
    if (Number(fields[groupPlace]) === group) ticks += Number(fields[userPlace]) + Number(fields[kernelPlace]);
  }
  return (ticks * 1000) / ticksPerSecond;
}

/** Returns the fields from the state on; none for a process that has just ended. */
function statOf(pid: string): readonly string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may contain spaces and parentheses.
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

import { readFileSync } from 'node:fs';

/** Returns the resident memory of a process in megabytes. */
export function residentMegabytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1_024;
}

/** Returns the name of a process, and the processor time in seconds that it has used so far. */
export function processorTime(pid: number): { readonly name: string; readonly seconds: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [nameAt, nameEnd] = [stat.indexOf('(') + 1, stat.lastIndexOf(')')];
  // Fields 14 and 15, user and system time in ticks of a hundredth of a second; the name may contain spaces.
  const fields = stat.slice(nameEnd + 2).split(' ');
  return { name: stat.slice(nameAt, nameEnd), seconds: (Number(fields[11]) + Number(fields[12])) / 100 };
}

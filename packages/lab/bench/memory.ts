import { join } from 'node:path';
import { run } from '../src/command.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { residentMegabytes } from './process-usage.ts';

export interface PeerFigures {
  readonly clients: number;
  readonly residentOctets: number;
  readonly packetNs?: number;
  readonly packetToActiveNs?: number;
  readonly lookUpNs?: number;
  readonly lookUpOfActiveNs?: number;
}

/** Measures the memory of a checkout's relay engine with the given number of clients, in a process of its own. */
export function peerFigures(checkout: string, clients: number): PeerFigures {
  const script = join(checkout, 'packages/lab/dist/peer-load.js');
  const { stdout } = run(process.execPath, ['--expose-gc', script, String(clients)], { timeoutMs: 120_000 });
  return JSON.parse(stdout) as PeerFigures;
}

/** Resident memory in megabytes of the largest process of a machine. */
export function largestResidentMegabytes(machine: Namespace): number {
  const pids = run('ip', ['netns', 'pids', machine.name]).stdout.split(/\s+/).filter(Boolean);
  return Math.max(...pids.map((pid) => residentMegabytes(Number(pid))));
}

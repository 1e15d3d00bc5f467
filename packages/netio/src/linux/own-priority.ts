import { getPriority, setPriority } from 'node:os';
import type { LinuxMachine } from './linux-machine.ts';

/** Our choice: ahead of ordinary programs, behind what an administrator puts first. */
const niceness = -10;
/** The shortest turn that Linux grants. */
const turnNs = 100_000;

const ordinaryPolicy = 0;
/** Octets of a `struct sched_attr`, and where in it the niceness and the length of a turn stand. */
const attributesOctets = 48;
const nicenessOffset = 16;
const turnOffset = 24;

/**
 * Puts the calling thread ahead of ordinary programs, so that on a busy machine a packet does not wait for them to have had
 * their turn. Two things, each of which may be refused, and then nothing is lost:
 *
 * - Niceness (needs `CAP_SYS_NICE`, or a limit that allows it): a greater share of the processor.
 * - Short time slices (Linux 6.12, no privilege): a thread with shorter slices than the running one need not wait until that
 *   one's turn of 1 to 3 ms is over, be it another program's or that of a thread with which V8 compiles our code.
 */
export function raiseOwnPriority({ calls, arena, scratch }: LinuxMachine): void {
  try {
    // Linux takes 0 for the calling thread, not the process.
    setPriority(0, niceness);
  } catch {
    // Not permitted: as ordinary as any other program.
  }
  // Where an administrator chose another policy, it stays.
  if (calls.sched_getscheduler(0) !== ordinaryPolicy) return;
  arena.bytes.fill(0, scratch, scratch + attributesOctets);
  arena.uint32[scratch >>> 2] = attributesOctets;
  arena.uint32[(scratch + nicenessOffset) >>> 2] = getPriority(0);
  arena.uint32[(scratch + turnOffset) >>> 2] = turnNs;
  calls.sched_setattr(0, arena.address(scratch), 0);
}

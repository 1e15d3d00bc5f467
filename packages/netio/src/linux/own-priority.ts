import { getPriority, setPriority } from 'node:os';
import type { LinuxMachine } from './linux-machine.ts';

/** Our choice: ahead of ordinary programs, behind those that an administrator prioritizes. */
const niceness = -10;
/** The shortest time slice that Linux grants. */
const turnNs = 100_000;

const ordinaryPolicy = 0;
/** Octets of a `struct sched_attr`, and the offsets of niceness and time slice in it. */
const attributesOctets = 48;
const nicenessOffset = 16;
const turnOffset = 24;

/**
 * Puts the calling thread ahead of ordinary programs, so that on a busy machine packets do not wait for their time slices.
 * Sets two parameters; a refusal of either is harmless:
 *
 * - Niceness (needs `CAP_SYS_NICE`, or a limit that allows it): a greater share of the processor.
 * - Short time slices (Linux 6.12, no privilege): the thread preempts threads with longer slices, of 1 to 3 ms, such as
 *   other programs or the compiler threads of V8.
 */
export function raiseOwnPriority({ calls, arena, scratch }: LinuxMachine): void {
  try {
    // Linux takes 0 for the calling thread, not the process.
    setPriority(0, niceness);
  } catch {
    // Not permitted: the niceness stays.
  }
  // A policy that an administrator chose stays.
  if (calls.sched_getscheduler(0) !== ordinaryPolicy) return;
  arena.bytes.fill(0, scratch, scratch + attributesOctets);
  arena.uint32[scratch >>> 2] = attributesOctets;
  arena.uint32[(scratch + nicenessOffset) >>> 2] = getPriority(0);
  arena.uint32[(scratch + turnOffset) >>> 2] = turnNs;
  calls.sched_setattr(0, arena.address(scratch), 0);
}

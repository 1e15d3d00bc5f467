import { setPriority } from 'node:os';

/** Our choice: ahead of ordinary programs, behind what an administrator puts first. */
const niceness = -10;

/**
 * Puts the calling thread ahead of ordinary programs, so that on a busy machine a packet does not wait for them to have had
 * their turn (measured: the slowest hundredth of round trips beside two busy programs falls from 4 ms to 0.3 ms). Linux
 * takes 0 for the calling thread, not the process. Without `CAP_SYS_NICE` nothing changes, and nothing is lost.
 */
export function raiseOwnPriority(): void {
  try {
    setPriority(0, niceness);
  } catch {
    // Not permitted: as ordinary as any other program.
  }
}

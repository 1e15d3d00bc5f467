import type { Arena } from './arena.ts';
import type { SystemCalls } from './system-calls.ts';

/** What every device of one thread stands on: the system calls and the memory they work on. */
export interface Machine {
  readonly calls: SystemCalls;
  readonly arena: Arena;
}

import type { Program } from '../../src/programs/program.ts';
import { processorTime, residentMegabytes } from '../process-usage.ts';

/** A program and its name in the table. */
export interface UsedProgram {
  readonly name: string;
  readonly program: Pick<Program, 'pid'>;
}

/** Memory and processor time of a program. */
export interface Usage {
  readonly name: string;
  /** Resident. */
  readonly megabytes: number;
  /** The share of one processor. */
  readonly share: number;
}

/** Begins to measure the usage of programs; the returned function ends that, and returns it. */
export function watchUsage(programs: readonly UsedProgram[]): () => readonly Usage[] {
  const from = performance.now();
  const before = programs.map(({ program }) => processorTime(program.pid).seconds);
  return () => {
    const seconds = (performance.now() - from) / 1_000;
    return programs.map(({ name, program: { pid } }, index) => ({
      name,
      megabytes: residentMegabytes(pid),
      share: (processorTime(pid).seconds - before[index]!) / seconds,
    }));
  };
}

import type { Milliseconds } from './milliseconds.ts';

/** A part of an engine that waits for a time. */
export interface DeadlineSource {
  /** Returns the time of the next call of the part; `Infinity` when idle. */
  nextDeadline(): Milliseconds;
}

/** The parts of an engine that wait for times: when the engine is due, and for which of them. */
export class Deadlines<Name extends string> implements DeadlineSource {
  readonly #names: readonly Name[];
  readonly #parts: readonly DeadlineSource[];

  /** Parts that are undefined do not exist. */
  constructor(parts: Readonly<Record<Name, DeadlineSource | undefined>>) {
    const all = Object.entries(parts) as [Name, DeadlineSource | undefined][];
    const present = all.flatMap(([name, part]) => (part === undefined ? [] : [[name, part] as const]));
    this.#names = present.map(([name]) => name);
    this.#parts = present.map(([, part]) => part);
  }

  /** Returns the earliest time; `Infinity` when all are idle. */
  nextDeadline(): Milliseconds {
    let earliest = Number.POSITIVE_INFINITY;
    for (let index = 0; index < this.#parts.length; index++) {
      earliest = Math.min(earliest, this.#parts[index]!.nextDeadline());
    }
    return earliest;
  }

  /** Returns the name of the part that is due first, the first of several at the same time; undefined when all are idle. */
  reason(): Name | undefined {
    const earliest = this.nextDeadline();
    if (earliest === Number.POSITIVE_INFINITY) return undefined;
    return this.#names[this.#parts.findIndex((part) => part.nextDeadline() === earliest)];
  }
}

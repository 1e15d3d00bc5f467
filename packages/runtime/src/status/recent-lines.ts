import type { LoggedLine } from '@navalis/telemetry';
import { isoTime, type Time } from '../scheduling/time.ts';

/** One line of the log. */
export interface RecentLine {
  /** Counts the lines of this run from 1. */
  readonly number: number;
  /** ISO 8601. */
  readonly at: string;
  readonly level: string;
  /** The kind of the event that the line tells, or `log`. */
  readonly kind: string;
  readonly sentence: string;
}

/** The output of `/events`. */
export interface RecentLinesReport {
  readonly events: readonly RecentLine[];
  /** The number of the last line of this run; 0 without any. */
  readonly last: number;
}

/** Our choices: some screens of lines, each longer than our longest sentence. */
const linesKept = 256;
const longestSentence = 1_000;

/** The last lines of the log. */
export class RecentLines {
  readonly #time: Pick<Time, 'wall'>;
  readonly #lines: RecentLine[] = [];
  #last = 0;

  constructor(time: Pick<Time, 'wall'>) {
    this.#time = time;
  }

  record({ level, event, sentence }: LoggedLine): void {
    const at = isoTime(this.#time.wall());
    const number = ++this.#last;
    const line = { number, at, level, kind: event ?? 'log', sentence: sentence.slice(0, longestSentence) };
    // Indexes are taken again: nothing moves.
    this.#lines[number % linesKept] = line;
  }

  /** Returns the lines with numbers above `number`, the oldest first; all of them if this run has not come to it. */
  after(number: number): RecentLinesReport {
    const above = number > this.#last ? 0 : number;
    const events = this.#lines
      .filter((line) => line !== undefined && line.number > above)
      .toSorted((one, other) => one.number - other.number);
    return { events, last: this.#last };
  }
}

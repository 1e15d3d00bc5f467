import type { Laboratory } from '../laboratory.ts';
import type { Namespace } from '../network/namespace.ts';
import { Program } from '../programs/program.ts';

/** Echo requests at a steady interval until the laboratory ends, and their answers. */
export class PingTraffic {
  readonly #program: Program;

  constructor(laboratory: Laboratory, from: Namespace, to: string, intervalSeconds = 0.5) {
    this.#program = Program.start(laboratory, from, {
      name: `ping on ${from.label}`,
      command: 'ping',
      args: ['-6', '-n', '-D', '-i', String(intervalSeconds), to],
    });
  }

  /** The times of the answers, in seconds since 1970. */
  get answers(): readonly number[] {
    return [...this.#program.output.matchAll(/^\[([\d.]+)\] \d+ bytes from/gm)].map(([, seconds]) => Number(seconds));
  }

  /** Waits for the first answer after `time`; returns the seconds between them. */
  async answeredAfter(time: number, patienceMs: number): Promise<number> {
    const first = await this.#program.until(
      'an answer',
      () => this.answers.find((answer) => answer > time),
      patienceMs,
    );
    return first - time;
  }

  /** Returns the longest time without an answer since `time`, in seconds. */
  longestGap(time: number): number {
    const answers = this.answers.filter((answer) => answer > time - 1);
    return Math.max(...answers.slice(1).map((answer, index) => answer - answers[index]!));
  }

  /** Returns the number of requests without an answer between the first and the last answer since `time`. */
  lostSince(time: number): number {
    const numbers = [...this.#program.output.matchAll(/^\[([\d.]+)\] \d+ bytes from .*icmp_seq=(\d+)/gm)]
      .filter(([, seconds]) => Number(seconds) > time)
      .map(([, , number]) => Number(number));
    if (numbers.length === 0) return 0;
    return Math.max(...numbers) - Math.min(...numbers) + 1 - new Set(numbers).size;
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import type { Program } from '../programs/program.ts';
import type { LoadOrder } from './settings.ts';

const patienceMs = 20_000;

/** A program that sends requests, takes orders, and prints its figures once a second. */
export class FiguresProgram<Figures> {
  readonly program: Program;
  readonly #figures: Figures[] = [];
  /** How much of the output has been read. */
  #read = 0;

  constructor(program: Program) {
    this.program = program;
  }

  /** The figures of each second so far. */
  get figures(): readonly Figures[] {
    const { output } = this.program;
    const end = output.lastIndexOf('\n') + 1;
    for (const [, text = ''] of output.slice(this.#read, end).matchAll(/^figures (.*)$/gm)) {
      this.#figures.push(JSON.parse(text) as Figures);
    }
    this.#read = Math.max(this.#read, end);
    return this.#figures;
  }

  /** Waits until figures of a second hold, beginning with those that come next; returns them. */
  async until(what: string, holds: (figures: Figures) => boolean, timeoutMs: number): Promise<Figures> {
    const known = this.figures.length;
    return this.program.until(what, () => this.figures.slice(known).find(holds), timeoutMs);
  }

  order(order: LoadOrder): void {
    this.program.write(JSON.stringify(order));
  }

  /** Begins to count again, waits for so long, and returns the counts. */
  async measure(ms: number): Promise<Figures> {
    this.order({ kind: 'reset' });
    await delay(ms);
    return this.next();
  }

  /** Returns the figures that come next. */
  next(): Promise<Figures> {
    return this.until('figures', () => true, patienceMs);
  }

  /** Ends it; returns its last figures. */
  async stop(): Promise<Figures> {
    this.order({ kind: 'stop' });
    await this.program.ended;
    return this.figures.at(-1)!;
  }
}

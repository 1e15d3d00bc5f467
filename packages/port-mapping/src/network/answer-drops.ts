import type { MappingDropReason } from '../codec/answer-drop.ts';

/** Counts dropped answers by reason. */
export class AnswerDrops {
  readonly #counts = new Map<MappingDropReason, number>();

  drop(reason: MappingDropReason): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
  }

  /** The counts so far, without the reasons that did not occur. */
  snapshot(): Readonly<Partial<Record<MappingDropReason, number>>> {
    return Object.fromEntries(this.#counts);
  }
}

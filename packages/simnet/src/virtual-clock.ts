import type { Milliseconds } from '@navalis/engine';

/** Something that is to happen at a time; `cancel` takes it back. */
export class Timer {
  readonly time: Milliseconds;
  readonly order: number;
  action: (() => void) | undefined;

  constructor(time: Milliseconds, order: number, action: () => void) {
    this.time = time;
    this.order = order;
    this.action = action;
  }

  get isPending(): boolean {
    return this.action !== undefined;
  }

  cancel(): void {
    this.action = undefined;
  }
}

/**
 * Virtual time: a binary heap of timers, stepped from one to the next. Timers due at the same time fire in the order
 * in which they were set, so a run depends on nothing but its inputs. Bounded by what is under way in the network.
 */
export class VirtualClock {
  now: Milliseconds = 0;
  /** How many timers have fired. */
  events = 0;
  #order = 0;
  readonly #heap: Timer[] = [];

  /** Calls `action` at `time`; a time in the past is now. */
  at(time: Milliseconds, action: () => void): Timer {
    const timer = new Timer(Math.max(time, this.now), this.#order++, action);
    this.#heap.push(timer);
    this.#siftUp(this.#heap.length - 1);
    return timer;
  }

  after(delayMs: Milliseconds, action: () => void): Timer {
    return this.at(this.now + delayMs, action);
  }

  /** Lets the earliest timer happen if it is due by `end`; false when there is none. */
  step(end: Milliseconds): boolean {
    while (this.#heap.length > 0 && this.#heap[0]!.time <= end) {
      const timer = this.#takeFirst();
      const { action } = timer;
      if (action === undefined) continue;
      timer.cancel();
      this.now = timer.time;
      this.events++;
      action();
      return true;
    }
    return false;
  }

  /** Lets everything happen that is due within `durationMs`. */
  run(durationMs: Milliseconds): void {
    const end = this.now + durationMs;
    while (this.step(end));
    this.now = end;
  }

  #takeFirst(): Timer {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length > 0) {
      heap[0] = last;
      this.#siftDown();
    }
    return first;
  }

  #siftUp(start: number): void {
    const heap = this.#heap;
    const timer = heap[start]!;
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(timer, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = timer;
  }

  #siftDown(): void {
    const heap = this.#heap;
    const timer = heap[0]!;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, timer)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = timer;
  }
}

function isBefore(left: Timer, right: Timer): boolean {
  return left.time < right.time || (left.time === right.time && left.order < right.order);
}

import type { Milliseconds } from '@navalis/engine';

/** How much time one slot of the calendar covers, and how many slots there are, a power of two: 33 s together. */
const slotMs = 16;
const slotCount = 2048;

/** Something that is to happen at a time; `cancel` takes it back. */
export abstract class Timer {
  /** Set by the clock. */
  time: Milliseconds = 0;
  /** Among the timers of one time; set by the clock. */
  order = 0;
  /** The timers around this one in a slot of the calendar; set by the clock. */
  next: Timer | undefined = undefined;
  previous: Timer | undefined = undefined;
  /** True while the clock holds it, cancelled or not; set by the clock. */
  isQueued = false;
  isPending = false;

  /** Called by the clock, at `time`. */
  abstract fire(): void;

  cancel(): void {
    this.isPending = false;
  }
}

/** The place before the first timer of a slot. */
class SlotHead extends Timer {
  fire(): void {}
}

/** A timer that calls a function. */
class ActionTimer extends Timer {
  #action: (() => void) | undefined;

  constructor(action: () => void) {
    super();
    this.#action = action;
  }

  fire(): void {
    const action = this.#action!;
    this.#action = undefined;
    action();
  }

  override cancel(): void {
    super.cancel();
    this.#action = undefined;
  }
}

/**
 * Virtual time, stepped from one timer to the next. Timers due at the same time fire in the order in which they were set, so a run
 * depends on nothing but its inputs. A calendar: timers of the present slot are in a heap, those of the next 33 s in unordered lists,
 * one for each slot, and later ones in a second heap, so that setting one costs the same among millions. Bounded by what is under
 * way in the network.
 */
export class VirtualClock {
  now: Milliseconds = 0;
  /** How many timers have fired. */
  events = 0;
  #order = 0;
  /** The present slot, counted from time 0: all timers of earlier slots and this one are in `#near`. */
  #slot = 0;
  readonly #near: TimerHeap = new TimerHeap();
  readonly #slots: readonly SlotHead[] = Array.from({ length: slotCount }, () => new SlotHead());
  #inSlots = 0;
  readonly #far: TimerHeap = new TimerHeap();

  /** Calls `action` at `time`; a time in the past is now. */
  at(time: Milliseconds, action: () => void): Timer {
    return this.set(new ActionTimer(action), time);
  }

  after(delayMs: Milliseconds, action: () => void): Timer {
    return this.at(this.now + delayMs, action);
  }

  /** Sets a timer that is not queued; a time in the past is now. */
  set<Kind extends Timer>(timer: Kind, time: Milliseconds): Kind {
    timer.time = Math.max(time, this.now);
    timer.order = this.#order++;
    timer.isQueued = true;
    timer.isPending = true;
    const slot = slotOf(timer);
    if (slot <= this.#slot) {
      this.#near.add(timer);
    } else if (slot < this.#slot + slotCount) {
      const head = this.#slots[slot % slotCount]!;
      const { next } = head;
      timer.previous = head;
      timer.next = next;
      if (next !== undefined) next.previous = timer;
      head.next = timer;
      this.#inSlots++;
    } else {
      this.#far.add(timer);
    }
    return timer;
  }

  /** Moves a pending timer to a later time if that is cheap: it is in a slot of the calendar. Else it stays. */
  postpone(timer: Timer, time: Milliseconds): void {
    const { previous, next } = timer;
    if (previous === undefined) return;
    previous.next = next;
    if (next !== undefined) next.previous = previous;
    timer.previous = undefined;
    timer.next = undefined;
    this.#inSlots--;
    this.set(timer, time);
  }

  /** Lets the earliest timer happen if it is due by `end`; false when there is none. */
  step(end: Milliseconds): boolean {
    const near = this.#near;
    for (;;) {
      const timer = near.first;
      if (timer === undefined) {
        if (!this.#advance(end)) return false;
        continue;
      }
      if (timer.time > end) return false;
      near.removeFirst();
      timer.isQueued = false;
      if (!timer.isPending) continue;
      timer.isPending = false;
      this.now = timer.time;
      this.events++;
      timer.fire();
      return true;
    }
  }

  /** Lets everything happen that is due within `durationMs`. */
  run(durationMs: Milliseconds): void {
    const end = this.now + durationMs;
    while (this.step(end));
    this.now = end;
  }

  /** Goes on to the next slots until there is a timer, at most to that of `end`; false when there is none. */
  #advance(end: Milliseconds): boolean {
    const last = Math.floor(end / slotMs);
    while (this.#near.first === undefined) {
      const slot = this.#nextSlot(last);
      if (slot === undefined) {
        if (last < Number.POSITIVE_INFINITY) this.#slot = Math.max(this.#slot, last);
        return false;
      }
      this.#slot = slot;
      this.#takeSlot();
    }
    return true;
  }

  /** Returns the next slot that has timers, if it is not later than `last`. */
  #nextSlot(last: number): number | undefined {
    const { first } = this.#far;
    const far = first === undefined ? Number.POSITIVE_INFINITY : slotOf(first);
    if (this.#inSlots > 0) {
      const limit = Math.min(last, far);
      for (let slot = this.#slot + 1; slot <= limit; slot++)
        if (this.#slots[slot % slotCount]!.next !== undefined) return slot;
    }
    return far <= last && far < Number.POSITIVE_INFINITY ? far : undefined;
  }

  /** Orders the timers of the present slot. */
  #takeSlot(): void {
    const head = this.#slots[this.#slot % slotCount]!;
    let timer = head.next;
    head.next = undefined;
    while (timer !== undefined) {
      const { next }: Timer = timer;
      timer.next = undefined;
      timer.previous = undefined;
      if (timer.isPending) this.#near.add(timer);
      else timer.isQueued = false;
      this.#inSlots--;
      timer = next;
    }
    const far = this.#far;
    while (far.first !== undefined && slotOf(far.first) <= this.#slot) this.#near.add(far.removeFirst());
  }
}

function slotOf({ time }: Timer): number {
  return Math.floor(time / slotMs);
}

/** A binary heap of timers: the earliest one first, of several at the same time the one that was set first. */
class TimerHeap {
  readonly #timers: Timer[] = [];

  get first(): Timer | undefined {
    return this.#timers[0];
  }

  add(timer: Timer): void {
    const heap = this.#timers;
    let index = heap.length;
    heap.push(timer);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(timer, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = timer;
  }

  /** Removes the first timer, which must exist. */
  removeFirst(): Timer {
    const heap = this.#timers;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length > 0) this.#siftDown(last);
    return first;
  }

  /** Finds the place of a timer, from the root down. */
  #siftDown(timer: Timer): void {
    const heap = this.#timers;
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

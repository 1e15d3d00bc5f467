import { describe, expect, it } from 'vitest';
import { SimRandom, VirtualClock } from '../src/index.ts';
import { Timer } from '../src/virtual-clock.ts';

/** A timer that tells when it fires. */
class Told extends Timer {
  readonly #tell: () => void;

  constructor(tell: () => void) {
    super();
    this.#tell = tell;
  }

  fire(): void {
    this.#tell();
  }
}

describe('virtual clock', () => {
  it('fires timers in order of time, and those of one time in order of creation', () => {
    const random = new SimRandom('clock');
    const clock = new VirtualClock();
    const expected: { time: number; index: number }[] = [];
    const seen: { time: number; index: number }[] = [];
    for (let index = 0; index < 2000; index++) {
      const time = random.below(50);
      expected.push({ time, index });
      clock.at(time, () => seen.push({ time: clock.now, index }));
    }
    clock.run(100);
    expect(seen).toEqual(expected.sort((left, right) => left.time - right.time || left.index - right.index));
    expect(clock.now).toBe(100);
  });

  it('keeps that order over minutes, for timers that others set, and whatever the steps', () => {
    const random = new SimRandom('calendar');
    const clock = new VirtualClock();
    const seen: number[] = [];
    let expected = 0;
    const set = (depth: number): void => {
      const time = clock.now + random.below(100) * random.below(1000) + random.below(2) / 3;
      expected++;
      clock.at(time, () => {
        expect(clock.now).toBe(time);
        seen.push(time);
        if (depth > 0) set(depth - 1);
      });
    };
    for (let count = 0; count < 300; count++) set(3);
    clock.after(50_000, () => seen.push(Number.NaN)).cancel();
    for (let count = 0; count < 1000; count++) clock.run(random.below(800));
    expect(seen).toEqual([...seen].sort((left, right) => left - right));
    expect(seen).toHaveLength(expected);
    expect(expected).toBe(1200);
  });

  it('skips cancelled timers and counts the others', () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    const timer = clock.after(10, () => seen.push('cancelled'));
    clock.after(20, () => seen.push('kept'));
    timer.cancel();
    clock.run(30);
    expect(seen).toEqual(['kept']);
    expect(clock.events).toBe(1);
  });

  it('moves timers to a later time without an event at the earlier one, and leaves those around them', () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    const timers = ['first', 'second', 'third'].map((name) =>
      clock.set(new Told(() => seen.push(`${name} at ${clock.now}`)), 100),
    );
    clock.postpone(timers[1]!, 5000);
    clock.postpone(timers[1]!, 60_000);
    clock.run(200);
    expect(seen).toEqual(['first at 100', 'third at 100']);
    expect(clock.events).toBe(2);
    clock.run(100_000);
    expect(seen[2]).toBe('second at 60000');
    expect(seen).toHaveLength(3);
  });

  it('leaves a timer that is due in the present slot where it is', () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    clock.postpone(clock.set(new Told(() => seen.push(clock.now)), 1), 5000);
    clock.run(10_000);
    expect(seen).toEqual([1]);
  });

  it('sets a timer again that has fired, but not one that is cancelled and still queued', () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    const timer = clock.set(new Told(() => seen.push(clock.now)), 50);
    clock.run(100);
    expect([timer.isPending, timer.isQueued]).toEqual([false, false]);
    clock.set(timer, 150);
    clock.run(100);
    clock.set(timer, 250);
    timer.cancel();
    expect([timer.isPending, timer.isQueued]).toEqual([false, true]);
    clock.run(100);
    expect(timer.isQueued).toBe(false);
    expect(seen).toEqual([50, 150]);
  });

  it('treats a time in the past as now', () => {
    const clock = new VirtualClock();
    clock.run(100);
    let at = 0;
    clock.at(5, () => {
      at = clock.now;
    });
    clock.run(0);
    expect(at).toBe(100);
  });
});

describe('random streams', () => {
  it('are equal for equal names, independent of other streams', () => {
    const draw = (stream: SimRandom) => Array.from({ length: 5 }, () => stream.word());
    const one = new SimRandom('7');
    const other = new SimRandom('7');
    other.word();
    other.derive('bob').word();
    expect(draw(one.derive('alice'))).toEqual(draw(other.derive('alice')));
    expect(draw(one.derive('alice'))).not.toEqual(draw(one.derive('bob')));
    expect(draw(new SimRandom('7').derive('alice'))).not.toEqual(draw(new SimRandom('8').derive('alice')));
  });

  it('are the same without streams below them', () => {
    const above = new SimRandom('7').derive('alice');
    const [stream, last] = [above.derive('engine'), above.last('engine')];
    expect(Array.from({ length: 5 }, () => last.word())).toEqual(Array.from({ length: 5 }, () => stream.word()));
  });

  it('spread evenly', () => {
    const stream = new SimRandom('even');
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) counts[stream.below(10)]!++;
    for (const count of counts) expect(count).toBeGreaterThan(850);
    for (const count of counts) expect(count).toBeLessThan(1150);
  });
});

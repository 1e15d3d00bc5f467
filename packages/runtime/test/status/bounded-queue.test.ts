import { describe, expect, it } from 'vitest';
import { BoundedQueue } from '../../src/status/guard/bounded-queue.ts';

const here = () => false;

describe('a bounded queue', () => {
  it('[SEC-46] does one piece of work after another, and refuses more than may wait', async () => {
    const queue = new BoundedQueue(2);
    const ends: ((result: number) => void)[] = [];
    const make = () => new Promise<number>((resolve) => void ends.push(resolve));
    const [first, second] = [queue.run(here, make), queue.run(here, make)];
    expect(queue.run(here, make)).toBe('full');
    await Promise.resolve();
    expect(ends).toHaveLength(1);
    ends[0]!(1);
    expect(await first).toBe(1);
    const third = queue.run(here, async () => 3);
    await Promise.resolve();
    ends[1]!(2);
    expect([await second, await third]).toEqual([2, 3]);
  });

  it('[SEC-46] forgets the work of askers that have gone, which make room at once', async () => {
    const queue = new BoundedQueue(2);
    let isGone = false;
    let done = 0;
    const work = async () => ++done;
    const first = queue.run(here, work);
    const second = queue.run(() => isGone, work);
    isGone = true;
    const third = queue.run(here, work);
    expect([await first, await second, await third, done]).toEqual([1, undefined, 2, 2]);
  });

  it('goes on after a failure', async () => {
    const queue = new BoundedQueue(1);
    await expect(queue.run(here, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await queue.run(here, async () => 1)).toBe(1);
  });
});

import { describe, expect, it } from 'vitest';
import { SerialWork } from '../../src/scheduling/serial-work.ts';

/** Work that ends when a test says so. */
function held() {
  let release: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { ended, release };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('serial work', () => {
  it('runs one piece at a time, in order, and resolves with the result of each', async () => {
    const work = new SerialWork();
    const log: string[] = [];
    const { ended, release } = held();
    const first = work.run(async () => {
      log.push('first begins');
      await ended;
      log.push('first ends');
      return 1;
    });
    const second = work.run(() => {
      log.push('second');
      return 2;
    });
    await settle();
    expect(log).toEqual(['first begins']);
    release();
    expect(await Promise.all([first, second])).toEqual([1, 2]);
    expect(log).toEqual(['first begins', 'first ends', 'second']);
  });

  it('rejects for a piece that fails, and goes on with the next one', async () => {
    const work = new SerialWork();
    const failing = work.run(async () => {
      throw new Error('one');
    });
    const throwing = work.run(() => {
      throw new Error('two');
    });
    const next = work.run(() => 3);
    await expect(failing).rejects.toThrow('one');
    await expect(throwing).rejects.toThrow('two');
    expect(await next).toBe(3);
    await expect(work.settled()).resolves.toBeUndefined();
  });

  it('closes when the piece that runs has ended, and skips all others', async () => {
    const work = new SerialWork();
    const { ended, release } = held();
    let isClosed = false;
    const running = work.run(async () => {
      await ended;
      return 'done';
    });
    const waiting = work.run(() => 'skipped');
    await settle();
    const closed = work.close().then(() => {
      isClosed = true;
    });
    expect(work.isClosed).toBe(true);
    await settle();
    expect(isClosed).toBe(false);
    release();
    await closed;
    expect(await running).toBe('done');
    expect(await waiting).toBeUndefined();
    expect(await work.run(() => 'skipped, too')).toBeUndefined();
  });

  it('closes without an error after a piece that failed', async () => {
    const work = new SerialWork();
    const failing = work.run(() => Promise.reject(new Error('no')));
    const told = failing.catch(() => 'told');
    await settle();
    expect(await Promise.all([told, work.close()])).toEqual(['told', undefined]);
  });
});

import { NavalisError } from '@navalis/engine';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hostTime } from '../../src/scheduling/time.ts';
import { openWhenPossible } from '../../src/status/late-listener.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const absent = new NavalisError('address-not-available', 'http 192.0.2.1:80 is no address of this host.');
const taken = new NavalisError('address-in-use', 'http 192.0.2.1:80 is in use by something else.');

async function listener(...outcomes: readonly (NavalisError | undefined)[]) {
  const left = [...outcomes];
  let opened = 0;
  const said: string[] = [];
  const failures: unknown[] = [];
  const open = async () => {
    const outcome = left.shift();
    if (outcome !== undefined) throw outcome;
    opened += 1;
  };
  const observer = {
    time: hostTime,
    warn: (sentence: string) => void said.push(sentence),
    fail: (error: unknown) => void failures.push(error),
  };
  const giveUp = await openWhenPossible(open, observer);
  return { giveUp, said, failures, opened: () => opened };
}

describe('[RT-03] the address of http', () => {
  it('is opened at once if this host has it', async () => {
    const { said, opened } = await listener(undefined);
    expect(opened()).toBe(1);
    expect(said).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is waited for, which is logged once', async () => {
    const { said, failures, opened } = await listener(absent, absent, absent);
    expect(opened()).toBe(0);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(opened()).toBe(1);
    expect(said).toEqual(['http 192.0.2.1:80 is no address of this host. Waiting until that changes.']);
    expect(failures).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends the program when another program uses it, at once and later', async () => {
    await expect(listener(taken)).rejects.toBe(taken);
    const { failures } = await listener(absent, taken);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(failures).toEqual([taken]);
  });

  it('opens and fails nothing any more when the program ends during an attempt', async () => {
    for (const outcome of [absent, taken]) {
      let end: () => void = () => undefined;
      const failures: unknown[] = [];
      let attempts = 0;
      const open = () => {
        attempts += 1;
        if (attempts === 1) return Promise.reject(absent);
        return new Promise<void>((_resolve, reject) => (end = () => reject(outcome)));
      };
      const observer = { time: hostTime, warn: () => undefined, fail: (error: unknown) => void failures.push(error) };
      const giveUp = await openWhenPossible(open, observer);
      await vi.advanceTimersByTimeAsync(2_000);
      giveUp();
      end();
      await vi.advanceTimersByTimeAsync(10_000);
      expect(attempts).toBe(2);
      expect(failures).toEqual([]);
      expect(vi.getTimerCount()).toBe(0);
    }
  });

  it('is not waited for any more when the program ends', async () => {
    const { giveUp } = await listener(absent);
    giveUp();
    expect(vi.getTimerCount()).toBe(0);
  });
});

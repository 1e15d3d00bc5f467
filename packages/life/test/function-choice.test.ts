import { describe, expect, it } from 'vitest';
import { becomeClientMs, becomeRelayMs, FunctionChoice } from '../src/function-choice.ts';

/** Returns the choice at each time, after all events until then. */
function choices(begin: boolean, changes: readonly (readonly [at: number, hasGlobal: boolean])[], times: number[]) {
  const choice = new FunctionChoice(begin);
  const waiting = [...changes];
  return times.map((time) => {
    for (let change = waiting[0]; change !== undefined && change[0] <= time; change = waiting[0]) {
      if (choice.nextDeadline() <= change[0]) choice.handleDeadline(choice.nextDeadline());
      choice.observe(change[1], change[0]);
      waiting.shift();
    }
    choice.handleDeadline(time);
    return choice.current;
  });
}

describe('the function of a host', () => {
  it('[HR-05a] is the relay with a global address, else the client', () => {
    expect(new FunctionChoice(true).current).toBe('relay');
    expect(new FunctionChoice(false).current).toBe('client');
    expect(new FunctionChoice(true).nextDeadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it('[HR-18] changes within 5 s of the last address that goes and the first that comes', () => {
    expect(becomeClientMs).toBeLessThan(5_000);
    expect(choices(true, [[0, false]], [becomeClientMs - 1, becomeClientMs])).toEqual(['relay', 'client']);
    expect(becomeRelayMs).toBe(5_000);
    expect(choices(false, [[0, true]], [becomeRelayMs - 1, becomeRelayMs])).toEqual(['client', 'relay']);
  });

  it('[HR-18] waits for nothing after the change', () => {
    const choice = new FunctionChoice(true);
    choice.observe(false, 0);
    choice.handleDeadline(3_000);
    expect(choice.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    choice.handleDeadline(10_000);
    expect(choice.current).toBe('client');
  });

  it('[HR-18] does not change for what flickers', () => {
    const flicker = Array.from({ length: 20 }, (_, index): [number, boolean] => [index * 1_000, index % 2 === 1]);
    const seconds = Array.from({ length: 23 }, (_, index) => index * 1_000);
    expect(new Set(choices(true, flicker, seconds))).toEqual(new Set(['relay']));
    expect(choices(false, flicker, [...seconds, 23_999, 24_000]).slice(-3)).toEqual(['client', 'client', 'relay']);
  });

  it('counts from the first look, not from later ones that say the same', () => {
    const same: [number, boolean][] = [0, 1_000, 2_000].map((at) => [at, false]);
    expect(choices(true, same, [2_999, 3_000])).toEqual(['relay', 'client']);
  });
});

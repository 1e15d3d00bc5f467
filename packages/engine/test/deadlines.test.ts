import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DeadlineSource, Deadlines } from '../src/index.ts';

/** Returns the part that is due first, and checks that it is due when all of them are. */
function earliestDeadline(parts: Readonly<Record<string, DeadlineSource | undefined>>): string | undefined {
  const deadlines = new Deadlines(parts);
  const name = deadlines.reason();
  const expected = name === undefined ? Number.POSITIVE_INFINITY : parts[name]!.nextDeadline();
  expect(deadlines.nextDeadline()).toBe(expected);
  return name;
}

const at = (time: number) => ({ nextDeadline: () => time });
const idle = at(Number.POSITIVE_INFINITY);

describe('the earliest deadline', () => {
  it('is named after the part that is due first', () => {
    expect(earliestDeadline({ refresh: at(200), retry: at(100), renewal: at(300) })).toBe('retry');
    expect(earliestDeadline({ refresh: at(200), retry: at(Number.NEGATIVE_INFINITY) })).toBe('retry');
  });

  it('is that of the first part when several are due at the same time', () => {
    expect(earliestDeadline({ refresh: at(100), retry: at(100) })).toBe('refresh');
  });

  it('does not exist while all parts are idle or absent', () => {
    expect(earliestDeadline({ refresh: idle, retry: undefined })).toBeUndefined();
    expect(earliestDeadline({ refresh: idle, retry: undefined, renewal: at(7) })).toBe('renewal');
  });

  it('is the least of all, whatever they are', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.nat(), { minKeys: 1 }), (times) => {
        const parts = Object.fromEntries(Object.entries(times).map(([name, time]) => [name, at(time)]));
        expect(times[earliestDeadline(parts)!]).toBe(Math.min(...Object.values(times)));
      }),
    );
  });
});

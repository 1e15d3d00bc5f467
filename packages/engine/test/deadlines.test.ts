import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Deadlines } from '../src/index.ts';

const kinds = ['refresh', 'retry', 'give-up'] as const;
type Kind = (typeof kinds)[number];

describe('deadlines', () => {
  it('are off until armed', () => {
    const deadlines = new Deadlines<Kind>(kinds);
    expect(deadlines.next()).toBe(Number.POSITIVE_INFINITY);
    expect(deadlines.at('retry')).toBe(Number.POSITIVE_INFINITY);
    expect(deadlines.take('retry', Number.MAX_VALUE)).toBe(false);
  });

  it('are re-armed by assignment, also to a later time', () => {
    const deadlines = new Deadlines<Kind>(kinds);
    deadlines.arm('retry', 100);
    deadlines.arm('retry', 300);
    expect(deadlines.next()).toBe(300);
    expect(deadlines.take('retry', 299)).toBe(false);
    expect(deadlines.at('retry')).toBe(300);
  });

  it('are due at their time and switched off by being taken', () => {
    const deadlines = new Deadlines<Kind>(kinds);
    deadlines.arm('retry', 100);
    deadlines.arm('refresh', 200);
    expect(deadlines.take('retry', 100)).toBe(true);
    expect(deadlines.take('retry', 100)).toBe(false);
    expect(deadlines.next()).toBe(200);
  });

  it('keep the earliest time of all kinds, whatever is armed and disarmed', () => {
    const step = fc.tuple(fc.constantFrom(...kinds), fc.option(fc.nat()));
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const deadlines = new Deadlines<Kind>(kinds);
        const model = new Map<Kind, number>();
        for (const [kind, time] of steps) {
          if (time === null) {
            deadlines.disarm(kind);
            model.delete(kind);
          } else {
            deadlines.arm(kind, time);
            model.set(kind, time);
          }
          expect(deadlines.next()).toBe(Math.min(Number.POSITIVE_INFINITY, ...model.values()));
        }
      }),
    );
  });
});

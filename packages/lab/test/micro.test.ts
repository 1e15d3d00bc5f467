import { describe, expect, it } from 'vitest';
import { codecSubjects } from '../bench/micro/codec-subjects.ts';
import { engineSubjects } from '../bench/micro/engine-subjects.ts';
import { compare, type Figures, renderComparison } from '../bench/micro/figures.ts';
import { offloadSubjects } from '../bench/micro/offload-subjects.ts';
import { peerSubjects } from '../bench/micro/peer-subjects.ts';

const machine = { processor: 'P', kernel: '6.1', node: 'v20' };
const figures = (nanoseconds: Figures['nanoseconds'], processor = 'P'): Figures => ({
  machine: { ...machine, processor },
  date: '2026-01-01',
  nanoseconds,
});

describe('figures of small parts', () => {
  it('count as slower above 1.25 times', () => {
    const rows = compare(figures({ a: 125, b: 126, c: 50, d: 7 }), figures({ a: 100, b: 100, c: 100 }));
    expect(rows.map(({ isSlower }) => isSlower)).toEqual([false, true, false, false]);
    expect(renderComparison(rows).split('\n')).toEqual([
      'a       125 ns  1.25 of the previous',
      'b       126 ns  1.26 of the previous  slower',
      'c        50 ns  0.50 of the previous',
      'd         7 ns',
    ]);
  });

  it('of another processor are not compared with', () => {
    const rows = compare(figures({ a: 900 }), figures({ a: 100 }, 'Q'));
    expect(rows).toEqual([{ name: 'a', ns: 900, ratio: undefined, isSlower: false }]);
    expect(compare(figures({ a: 900 }), undefined)[0]!.ratio).toBeUndefined();
  });
});

it.each([...peerSubjects(), ...engineSubjects(), ...offloadSubjects(), ...codecSubjects()])(
  'the subject "$name" does its work',
  ({ run, isRight }) => {
    expect(isRight(run())).toBe(true);
    expect(isRight(run() - 1)).toBe(false);
  },
);

import { describe, expect, it } from 'vitest';
import type { Sample } from '../bench/contestants.ts';
import { judge, regressions, renderVerdicts } from '../bench/gate/decision.ts';

const place = { scene: 'cables', carriage: 'super-segments', group: 'tcp' } as const;

/** One sample of each commit and round: before always 1000, after so many times that. */
function rounds(measure: string, ratios: readonly number[]): readonly Sample[] {
  return ratios.flatMap((ratio, index) => [
    { ...place, round: index + 1, contestant: 'before', measure, value: 1000 } as const,
    { ...place, round: index + 1, contestant: 'navalis', measure, value: 1000 * ratio } as const,
  ]);
}

const tcp = 'tcp 1 relay up';
const isWorse = (measure: string, ratios: readonly number[]) => judge(rounds(measure, ratios))[0]!.isWorse;

describe('the gate against regressions', () => {
  it.each([
    ['all six rounds are worse, by 10 % in the middle', [0.97, 0.85, 0.9, 0.9, 0.92, 0.8], true],
    ['one of six rounds is not', [1, 0.85, 0.9, 0.9, 0.92, 0.8], false],
    ['all are worse, by less than 5 %', [0.96, 0.97, 0.96, 0.97, 0.96, 0.96], false],
    ['all are worse, by just more than 5 %', [0.94, 0.94, 0.94, 0.94, 0.94, 0.94], true],
    ['all are better', [1.1, 1.2, 1.1, 1.2, 1.1, 1.2], false],
    ['they go up and down', [0.5, 1.5, 0.5, 1.5, 0.5, 0.6], false],
    ['one of twelve is not', [1.3, ...Array.from({ length: 11 }, () => 0.9)], true],
    ['two of twelve are not', [1.3, 1.2, ...Array.from({ length: 10 }, () => 0.9)], false],
  ])('%s', (_, ratios, expected) => {
    expect(isWorse(tcp, ratios)).toBe(expected);
  });

  it('takes more milliseconds, megabytes and seconds for worse', () => {
    const more = [1.2, 1.2, 1.2, 1.2, 1.2, 1.2];
    for (const measure of [
      'rtt idle median',
      'memory of the relay',
      'cpu relay up',
      'solicitations 64 single latency',
    ]) {
      expect(isWorse(measure, more)).toBe(true);
    }
    expect(isWorse('solicitations 64 single rate', more)).toBe(false);
  });

  it('takes a figure that is no longer there for worse, and one that is new for good', () => {
    const only = (contestant: Sample['contestant']) =>
      rounds(tcp, [1, 1]).filter((each) => each.contestant === contestant);
    expect(judge(only('before'))).toMatchObject([{ isMissing: true, isWorse: true }]);
    expect(judge(only('navalis'))).toMatchObject([{ isMissing: false, isWorse: false }]);
  });

  it('keeps figures of different links apart', () => {
    const single = rounds(tcp, [0.8, 0.8, 0.8]).map((sample) => ({ ...sample, carriage: 'single-packets' as const }));
    const verdicts = judge([...rounds(tcp, [1, 1, 1]), ...single]);
    expect(verdicts.map((verdict) => [verdict.carriage, verdict.isWorse])).toEqual([
      ['super-segments', false],
      ['single-packets', true],
    ]);
  });

  it('says no only to what is worse in both rows of rounds', () => {
    const bad = [0.8, 0.8, 0.8, 0.8, 0.8, 0.8];
    const good = [1, 1, 1, 1, 1, 1];
    const other = 'tcp 1 relay down';
    const first = judge([...rounds(tcp, bad), ...rounds(other, bad), ...rounds('cpu relay up', good)]);
    const found = regressions(
      first,
      judge([...rounds(tcp, bad), ...rounds(other, good), ...rounds('cpu relay up', [1.5, 1.5])]),
    );
    expect(found.map(({ measure }) => measure)).toEqual([tcp]);
    // The second rounds gave no figure that would acquit it.
    expect(regressions(judge(rounds(tcp, bad)), [])).toMatchObject([{ measure: tcp }]);
  });

  it('shows what became worse, and by how much', () => {
    const text = renderVerdicts(judge([...rounds(tcp, [0.8, 0.85, 0.9]), ...rounds('rtt idle median', [1, 1, 1])]));
    expect(text).toMatch(/^tcp 1 relay up +super-segments +0\.85 +0\.80 to 0\.90 +WORSE by 15 %$/m);
    expect(text).toMatch(/^rtt idle median +super-segments +1\.00 +1\.00 to 1\.00 +good$/m);
  });
});

import { describe, expect, it } from 'vitest';
import type { Sample } from '../bench/contestants.ts';
import { type PathMeasure, renderPaths, summarisePaths } from '../bench/paths/figures.ts';
import { drawPicture } from '../bench/picture.ts';
import { quantile } from '../bench/statistics.ts';
import { summarise } from '../bench/summary.ts';
import { renderMarkdown, renderText, tablesOf } from '../bench/table.ts';

const street = { scene: 'street', carriage: 'super-segments', round: 1 } as const;

const samples: readonly Sample[] = [
  { ...street, contestant: 'miredo', measure: 'tcp 1 relay up', value: 500 },
  { ...street, contestant: 'miredo', measure: 'tcp 1 relay up', value: 400 },
  { ...street, contestant: 'miredo', measure: 'tcp 1 relay up', value: 9000 },
  { ...street, contestant: 'navalis', measure: 'tcp 1 relay up', value: 6000 },
  { ...street, contestant: 'link', measure: 'tcp 1 relay up', value: 8000 },
  { ...street, contestant: 'miredo', measure: 'rtt idle median', value: 0.2 },
  { ...street, contestant: 'navalis', measure: 'rtt idle median', value: 0.1 },
  { ...street, carriage: 'single-packets', contestant: 'navalis', measure: 'tcp 1 relay up', value: 700 },
];

describe('the benchmark', () => {
  it('computes medians, which one outlier does not change, and their ratios', () => {
    const [tcp] = summarise(samples);
    expect(tcp).toMatchObject({
      medians: { miredo: 500, navalis: 6000, link: 8000 },
      timesMiredo: 12,
      shareOfLink: 0.75,
    });
  });

  it('treats less time as better, and omits missing figures', () => {
    const [, rtt, single] = summarise(samples);
    expect(rtt).toMatchObject({ measure: 'rtt idle median', unit: 'ms', timesMiredo: 2, shareOfLink: undefined });
    expect(single).toMatchObject({ carriage: 'single-packets', medians: { navalis: 700 }, timesMiredo: undefined });
  });

  it('compares with another checkout within each round, at any speed of the machine', () => {
    const measure = 'tcp 1 relay up';
    const rows = summarise([
      { ...street, contestant: 'before', measure, value: 1000 },
      { ...street, contestant: 'navalis', measure, value: 900 },
      { ...street, round: 2, contestant: 'navalis', measure, value: 3000 },
      { ...street, round: 2, contestant: 'before', measure, value: 2000 },
      { ...street, round: 3, contestant: 'before', measure, value: 100 },
      { ...street, round: 3, contestant: 'navalis', measure, value: 110 },
      { ...street, round: 4, contestant: 'before', measure, value: 100 },
    ]);
    expect(rows[0]!.timesBefore).toEqual({ median: 1.1, least: 0.9, most: 1.5 });
    expect(renderText(tablesOf(rows))).toMatch(/^tcp 1 relay up +Mbit\/s +550 +900 +1\.10 +0\.90 to 1\.50$/m);
  });

  it('interpolates quantiles', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([10, 20], 0.99)).toBeCloseTo(19.9);
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('prints one table for each kind of link, and draws the figures of the tables', () => {
    const rows = summarise(samples);
    const tables = tablesOf(rows);
    const text = renderText(tables);
    expect(text.match(/^measure /gm)).toHaveLength(2);
    expect(text).toMatch(/^tcp 1 relay up +Mbit\/s +500 +6000 +8000 +12\.00 +75 %$/m);
    const markdown = renderMarkdown(tables);
    expect(markdown.match(/^### /gm)).toHaveLength(2);
    expect(markdown).toContain('| tcp 1 relay up | Mbit/s | 500 | 6000 | 8000 | 12.00 | 75 % |');
    const picture = drawPicture(rows, 'A & B');
    expect(picture).toContain('A &amp; B');
    expect(picture).toContain('6000 Mbit/s (12.0 x)');
    expect(picture.match(/<rect class="navalis"/g)).toHaveLength(3);
  });
});

describe('the benchmark of paths', () => {
  const measures: readonly PathMeasure[] = [
    { name: 'plain', unit: 'Mbit/s' },
    { name: 'random port', unit: 'Mbit/s', reference: 'plain' },
    { name: 'missing', unit: 'kpacket/s' },
  ];
  const rounds = [
    { plain: 100, 'random port': 90 },
    { plain: 1000, 'random port': 1100 },
    { plain: 200, 'random port': 200 },
    { plain: 300 },
  ];

  it('compares within each round, at any speed of the machine, and omits missing figures', () => {
    const rows = summarisePaths(measures, rounds);
    expect(rows).toEqual([
      { name: 'plain', unit: 'Mbit/s', median: 250, reference: undefined, ratio: undefined },
      {
        name: 'random port',
        unit: 'Mbit/s',
        median: 200,
        reference: 'plain',
        ratio: { median: 1, least: 0.9, most: 1.1 },
      },
    ]);
    const text = renderPaths(rows);
    expect(text).toMatch(/^\| random port \| Mbit\/s \| +200 \| plain +\| +1\.00 \| +0\.90 to 1\.10 \|$/m);
    expect(text).toMatch(/^\| plain +\| Mbit\/s \| +250 \| +\| +\| +\|$/m);
  });
});

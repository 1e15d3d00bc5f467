import type { Contestant } from './contestants.ts';
import { type SummaryRow, shortNumber } from './summary.ts';

const barHeight = 11;
const groupGap = 14;
const labelWidth = 290;
const barsWidth = 520;
const figureWidth = 90;
const headHeight = 64;

const order: readonly Contestant[] = ['miredo', 'navalis', 'link'];
const names: Readonly<Partial<Record<Contestant, string>>> = {
  miredo: 'miredo',
  navalis: 'Navalis',
  link: 'no tunnel',
};

/** TCP streams and packet rates as bars; each group is scaled by its longest bar. Readable on light and dark pages. */
export function drawPicture(rows: readonly SummaryRow[], title: string): string {
  const shown = rows.filter(({ measure }) => /^(tcp|udp|solicitations .* rate)/.test(measure));
  let y = headHeight;
  const groups = shown.map((row) => {
    const drawn = drawGroup(row, y);
    y += order.filter((each) => row.medians[each] !== undefined).length * barHeight + groupGap;
    return drawn;
  });
  const width = labelWidth + barsWidth + figureWidth;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" role="img" aria-label="${escaped(title)}">`,
    `<style>${style}</style>`,
    `<text class="title" x="0" y="18">${escaped(title)}</text>`,
    ...order.map((each, index) => {
      const x = labelWidth + index * 110;
      return `<rect class="${each}" x="${x}" y="32" width="12" height="12"/><text x="${x + 18}" y="42">${names[each]}</text>`;
    }),
    ...groups,
    '</svg>\n',
  ].join('\n');
}

function drawGroup({ measure, carriage, unit, medians, timesMiredo }: SummaryRow, top: number): string {
  const present = order.filter((each) => medians[each] !== undefined);
  const longest = Math.max(...present.map((each) => medians[each]!));
  const middle = top + (present.length * barHeight) / 2;
  const times = timesMiredo === undefined ? '' : ` (${timesMiredo.toFixed(1)} x)`;
  const label = `${measure}${carriage === 'single-packets' ? ', offloads off' : ''}`;
  const bars = present.map((each, index) => {
    const value = medians[each]!;
    const y = top + index * barHeight;
    const width = Math.max(1, (value / longest) * barsWidth).toFixed(1);
    const figure = `${shortNumber(value)} ${unit}${each === 'navalis' ? times : ''}`;
    const isLong = value / longest > 0.7;
    const x = labelWidth + Number(width) + (isLong ? -6 : 6);
    return `<rect class="${each}" x="${labelWidth}" y="${y}" width="${width}" height="${barHeight - 2}"/><text class="figure${isLong ? ' inside' : ''}" x="${x}" y="${y + 8}">${figure}</text>`;
  });
  return `<text class="label" x="${labelWidth - 10}" y="${middle + 4}">${escaped(label)}</text>${bars.join('')}`;
}

const style = [
  'text{font:12px system-ui,sans-serif;fill:#1f2328}',
  '.title{font-size:15px;font-weight:600}',
  '.label{text-anchor:end}',
  '.figure{font-size:9px}',
  '.inside{text-anchor:end;fill:#fff}',
  '.miredo{fill:#8b949e}.navalis{fill:#0969da}.link{fill:#2da44e}',
  '@media(prefers-color-scheme:dark){text{fill:#e6edf3}.miredo{fill:#6e7681}.navalis{fill:#1f6feb}.link{fill:#238636}}',
].join('');

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

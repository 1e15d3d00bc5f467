import { median } from '../statistics.ts';

/** The figures of one round, by the names of measures. */
export type RoundFigures = Readonly<Record<string, number>>;

/** A measure, and the one of the same round that it is compared with. */
export interface PathMeasure {
  readonly name: string;
  readonly unit: 'Mbit/s' | 'kpacket/s';
  readonly reference?: string;
}

/** A line of the result. */
export interface PathRow {
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  readonly reference: string | undefined;
  /** The ratios to the reference, each within one round. */
  readonly ratio: { readonly median: number; readonly least: number; readonly most: number } | undefined;
}

/** Computes medians over the rounds, and the ratios within each. */
export function summarisePaths(measures: readonly PathMeasure[], rounds: readonly RoundFigures[]): readonly PathRow[] {
  return measures.flatMap(({ name, unit, reference }) => {
    const values = rounds.flatMap((round) => round[name] ?? []);
    if (values.length === 0) return [];
    const ratios = rounds.flatMap((round) => ratioIn(round, name, reference) ?? []);
    const ratio =
      ratios.length === 0
        ? undefined
        : { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
    return [{ name, unit, median: median(values), reference, ratio }];
  });
}

/** Renders the lines as a table in Markdown, which also reads well in a terminal. */
export function renderPaths(rows: readonly PathRow[]): string {
  const head = ['measure', 'unit', 'median', 'compared with', 'ratio', 'in each round'];
  const cells = rows.map(({ name, unit, median: middle, reference = '', ratio }) => [
    name,
    unit,
    middle.toFixed(0),
    ratio === undefined ? '' : reference,
    ratio === undefined ? '' : ratio.median.toFixed(2),
    ratio === undefined ? '' : `${ratio.least.toFixed(2)} to ${ratio.most.toFixed(2)}`,
  ]);
  const widths = head.map((text, column) => Math.max(text.length, ...cells.map((line) => line[column]!.length)));
  const isNumber = (column: number) => column === 2 || column > 3;
  const line = (texts: readonly string[]) =>
    `| ${texts.map((text, at) => (isNumber(at) ? text.padStart(widths[at]!) : text.padEnd(widths[at]!))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (isNumber(column) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width))).join(' | ')} |`;
  return [line(head), rule, ...cells.map(line)].join('\n');
}

function ratioIn(round: RoundFigures, name: string, reference: string | undefined): number | undefined {
  const [value, other] = [round[name], reference === undefined ? undefined : round[reference]];
  return value === undefined || other === undefined ? undefined : value / other;
}

/** The machine on which figures were measured. */
interface Machine {
  readonly processor: string;
  readonly kernel: string;
  readonly node: string;
}

/** Nanoseconds of each subject. */
export interface Figures {
  readonly machine: Machine;
  /** The day, `YYYY-MM-DD`. */
  readonly date: string;
  readonly nanoseconds: Readonly<Record<string, number>>;
}

export interface Comparison {
  readonly name: string;
  readonly ns: number;
  /** Undefined when nothing comparable is committed. */
  readonly ratio: number | undefined;
  readonly isSlower: boolean;
}

/** The ratio to the previous figure above which a subject counts as slower. */
export const alarmingRatio = 1.25;

/** Compares figures; those of another processor are not comparable. */
export function compare(now: Figures, before: Figures | undefined): readonly Comparison[] {
  const known = before?.machine.processor === now.machine.processor ? before.nanoseconds : {};
  return Object.entries(now.nanoseconds).map(([name, ns]) => {
    const ratio = known[name] === undefined ? undefined : ns / known[name];
    return { name, ns, ratio, isSlower: ratio !== undefined && ratio > alarmingRatio };
  });
}

export function renderComparison(rows: readonly Comparison[]): string {
  const width = Math.max(...rows.map(({ name }) => name.length));
  return rows
    .map(({ name, ns, ratio, isSlower }) => {
      const times = ratio === undefined ? '' : `  ${ratio.toFixed(2)} of the previous${isSlower ? '  slower' : ''}`;
      return `${name.padEnd(width)}  ${roundNs(ns).toString().padStart(8)} ns${times}`;
    })
    .join('\n');
}

/** Rounds to three digits; the next run will hardly confirm two. */
export function roundNs(ns: number): number {
  return Number(ns.toPrecision(3));
}

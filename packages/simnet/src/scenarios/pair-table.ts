import type { Milliseconds } from '@navalis/engine';
import { type NatKind, natAbbreviations, natKinds, needOf, type PairNeed, symmetricNatKinds } from '@navalis/nat';
import { noExtensions } from '@navalis/traversal';
import { formatDistribution, formatTable } from '../report.ts';
import { forEachSeed } from '../seeds.ts';
import { connect, type PairConditions, pairOf } from './pair.ts';

/** The circumstances of all pairs of a table. */
export interface PairTableOptions extends Omit<PairConditions, 'seed'> {
  readonly seeds: number;
}

/** How a pair fared over all seeds. */
interface Cell {
  readonly need: PairNeed;
  /** A pair that must connect with every seed. */
  readonly isPromised: boolean;
  readonly contactsMs: Milliseconds[];
  /** The times of failed first attempts; more than one may have been made. */
  readonly failuresMs: Milliseconds[];
  /** Whether one side at least uses a TURN server. */
  readonly hasTurn: boolean;
  /** How many of the seeds that connected used a TURN server at the end. */
  relayed: number;
  /** How many seeds did not connect. */
  failed: number;
  /** How many of those were told nothing in time. */
  hung: number;
}

const kinds = Object.keys(natKinds) as NatKind[];

/** How long a promised pair may take where packets get lost. */
const patienceMs = 1_800_000;

/** The pairs of all kinds with all kinds. */
export class PairTable {
  readonly #cells: Map<string, Cell> = new Map();

  constructor(options: PairTableOptions) {
    for (const from of kinds) {
      for (const to of kinds) this.#cells.set(`${from} ${to}`, cellOf(from, to, options));
    }
  }

  /** The promised pairs that did not connect with every seed, and all that neither connected nor failed in time. */
  get broken(): readonly string[] {
    return [...this.#cells].filter(([, cell]) => isBroken(cell)).map(([name]) => name.replace(' ', ' to '));
  }

  /** The table, the time to connect by what it needs, and a summary. */
  toString(): string {
    const rows = kinds.map((from) => [
      natAbbreviations[from],
      ...kinds.map((to) => textOf(this.#cells.get(`${from} ${to}`)!)),
    ]);
    const table = formatTable([['from \\ to', ...kinds.map((kind) => natAbbreviations[kind])], ...rows]);
    return [table, '', this.#times(), '', this.#summary()].join('\n');
  }

  #times(): string {
    const times: Record<string, Milliseconds[]> = {};
    for (const { need, contactsMs } of this.#cells.values()) {
      if (contactsMs.length > 0) times[need] = [...(times[need] ?? []), ...contactsMs];
    }
    return formatDistribution(times);
  }

  /** Tells how many pairs leave the TURN server that they began with. */
  #upgrades(): string[] {
    const cells = [...this.#cells.values()].filter(({ hasTurn }) => hasTurn);
    if (cells.length === 0) return [];
    const upgraded = cells.filter(({ relayed }) => relayed === 0).length;
    const relayed = cells.filter((cell) => cell.relayed === cell.contactsMs.length).length;
    const some = cells.length - upgraded - relayed;
    return [
      `Of ${cells.length} pairs that begin with a TURN server, ${upgraded} are upgraded with every seed, ${some} with some, and ${relayed} stay relayed.`,
    ];
  }

  #summary(): string {
    const cells = [...this.#cells.values()];
    const promised = cells.filter(({ isPromised }) => isPromised);
    const others = cells.filter(({ isPromised }) => !isPromised);
    const longestMs = Math.max(0, ...cells.flatMap(({ failuresMs }) => failuresMs));
    const always = others.filter(({ failed }) => failed === 0).length;
    const never = others.filter(({ contactsMs }) => contactsMs.length === 0).length;
    return [
      ...this.#upgrades(),
      `${promised.filter((cell) => !isBroken(cell)).length} of ${promised.length} promised pairs connect with every seed.`,
      `Of the other ${others.length}, ${always} connect with every seed, ${others.length - always - never} with some, ${never} with none.`,
      `The longest attempt that failed took ${longestMs} ms; in ${cells.filter(({ hung }) => hung > 0).length} pairs some neither ended nor failed.`,
    ].join('\n');
  }
}

function cellOf(from: NatKind, to: NatKind, { seeds, ...conditions }: PairTableOptions): Cell {
  const need = needOf(from, to);
  const isNamed = need === '4380' || (need !== '-' && conditions.extensions !== noExtensions);
  const isPromised = isNamed || conditions.turn === true;
  const hasTurn = conditions.turn === true && [from, to].some((kind) => symmetricNatKinds.includes(kind));
  const cell: Cell = { need, isPromised, hasTurn, contactsMs: [], failuresMs: [], relayed: 0, failed: 0, hung: 0 };
  const isLossy = (conditions.loss ?? 0) > 0;
  forEachSeed(seeds, (seed) => {
    const outcome = withName(`${from} to ${to}`, () =>
      connect(pairOf(from, to, { seed, ...conditions }), isLossy && isPromised ? patienceMs : 0),
    );
    if (outcome.kind === 'connected') cell.contactsMs.push(outcome.contactMs);
    else cell.failed++;
    if (outcome.kind === 'hung') cell.hung++;
    if (outcome.kind === 'connected' && outcome.isRelayed) cell.relayed++;
    if ('failedMs' in outcome && outcome.failedMs !== undefined) cell.failuresMs.push(outcome.failedMs);
  });
  return cell;
}

/** Runs the function; what it throws names the pair. */
function withName<Result>(name: string, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (error instanceof Error) error.message = `${name}: ${error.message}`;
    throw error;
  }
}

function isBroken(cell: Cell): boolean {
  return (cell.isPromised && cell.failed > 0) || cell.hung > 0;
}

/** Returns the counts of seeds that connected and that did not, and the longest time that it took. */
function textOf(cell: Cell): string {
  const { contactsMs, failuresMs, failed, hung } = cell;
  const times = contactsMs.length > 0 ? contactsMs : failuresMs;
  const mark = hung > 0 ? '?' : isBroken(cell) ? '!' : '';
  if (times.length === 0) return hung > 0 ? `${mark}0/${failed}` : 'off-line';
  const direct = contactsMs.length - cell.relayed;
  const counts = cell.relayed > 0 ? `${direct}+${cell.relayed}/${failed}` : `${direct}/${failed}`;
  return `${mark}${counts} ${(Math.max(...times) / 1000).toFixed(1)}s`;
}

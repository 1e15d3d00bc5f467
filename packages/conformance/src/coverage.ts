import { type ChecklistRow, isMust, isShould, tagsOf } from './checklist.ts';
import { isInCompleteArea, wantsTest } from './complete-areas.ts';
import { excuseOf, type NotDone } from './not-done.ts';
import type { TaggedTest } from './tagged-tests.ts';

/** How many of something there are, and how many of them have a test. */
export interface Share {
  readonly covered: number;
  readonly total: number;
}

export interface AreaCoverage {
  readonly area: string;
  readonly rows: Share;
  readonly must: Share;
  readonly should: Share;
  /** MAY rows and our own decisions. */
  readonly optional: Share;
}

/** A tag that counts for nothing, with the place where it stands. */
export interface Misplaced {
  readonly id: string;
  readonly file: string;
  readonly line: number;
}

export interface Coverage {
  readonly areas: readonly AreaCoverage[];
  /** What is deliberately not done, and how many rows that is. */
  readonly notDone: readonly (NotDone & { readonly rows: number })[];
  /** Excuses for nothing: the row has a test, or there is no such row. */
  readonly idleExcuses: readonly string[];
  /** Rows without a test that want one, whatever their area. */
  readonly missing: readonly ChecklistRow[];
  /** Those of them in areas declared complete. */
  readonly missingInCompleteAreas: readonly ChecklistRow[];
  /** MAY rows and our own decisions without a test; nothing is wrong with them. */
  readonly optionalWithout: readonly ChecklistRow[];
  /** Clauses without a test, of rows of which others have one. */
  readonly missingClauses: readonly string[];
  /** Tags of whole rows that have clauses: they prove none of them. */
  readonly unspecific: readonly Misplaced[];
  readonly unknown: readonly Misplaced[];
  /** IDs on tests that never run. */
  readonly skipped: readonly Misplaced[];
}

/**
 * Holds rows against the titles of tests.
 * @param proved - the IDs on tests that ran and passed; without it, every test that is not skipped counts.
 */
export function coverageOf(
  rows: readonly ChecklistRow[],
  tests: readonly TaggedTest[],
  notDone: readonly NotDone[] = [],
  proved?: ReadonlySet<string>,
): Coverage {
  const known = new Set(rows.flatMap(tagsOf));
  const whole = new Set(rows.map((row) => row.id));
  const tags = tests.flatMap(({ ids, file, line, skipped }) => ids.map((id) => ({ id, file, line, skipped })));
  const tested = proved ?? new Set(tags.filter((tag) => !tag.skipped).map((tag) => tag.id));
  const covered = new Set(rows.filter((row) => tagsOf(row).every((tag) => tested.has(tag))).map((row) => row.id));
  const isOptional = (row: ChecklistRow) => !isMust(row) && !isShould(row);
  const excused = rows.filter((row) => excuseOf(row, notDone) !== undefined && !covered.has(row.id));
  const missing = rows.filter((row) => wantsTest(row) && !covered.has(row.id) && !excused.includes(row));
  const rowsOf = ({ what }: NotDone): number => excused.filter((row) => row.id === what || row.area === what).length;
  const share = (some: readonly ChecklistRow[]): Share => ({
    covered: some.filter((row) => covered.has(row.id)).length,
    total: some.length,
  });
  return {
    areas: [...new Set(rows.map((row) => row.area))].map((area) => {
      const ofArea = rows.filter((row) => row.area === area);
      return {
        area,
        rows: share(ofArea),
        must: share(ofArea.filter(isMust)),
        should: share(ofArea.filter(isShould)),
        optional: share(ofArea.filter(isOptional)),
      };
    }),
    notDone: notDone.map((each) => ({ ...each, rows: rowsOf(each) })),
    idleExcuses: notDone.filter((each) => rowsOf(each) === 0).map(({ what }) => what),
    missing,
    missingInCompleteAreas: missing.filter(isInCompleteArea),
    optionalWithout: rows.filter(
      (row) => isOptional(row) && !wantsTest(row) && !covered.has(row.id) && !excused.includes(row),
    ),
    missingClauses: rows
      .filter((row) => !covered.has(row.id) && !excused.includes(row) && row.clauses.length > 0)
      .flatMap(tagsOf)
      .filter((tag) => !tested.has(tag)),
    unspecific: tags.filter((tag) => !known.has(tag.id) && whole.has(tag.id)).map(place),
    unknown: tags.filter((tag) => !known.has(tag.id) && !whole.has(tag.id)).map(place),
    skipped: tags.filter((tag) => tag.skipped).map(place),
  };
}

/** Whether there is nothing that a person has to put right. */
export function isSound(coverage: Coverage): boolean {
  const { missingInCompleteAreas, missingClauses, idleExcuses, unspecific, unknown, skipped } = coverage;
  return [missingInCompleteAreas, missingClauses, idleExcuses, unspecific, unknown, skipped].every(
    (list) => list.length === 0,
  );
}

function place({ id, file, line }: Misplaced): Misplaced {
  return { id, file, line };
}

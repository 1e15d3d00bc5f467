import { type ChecklistRow, isMust, isShould, tagsOf } from './checklist.ts';
import { isInCompleteArea, requiresTest } from './complete-areas.ts';
import { excuseOf, type NotDone } from './not-done.ts';
import type { TaggedTest } from './tagged-tests.ts';

/** The number of rows of a kind, and of those that have a test. */
export interface Share {
  readonly covered: number;
  readonly total: number;
}

export interface AreaCoverage {
  readonly area: string;
  readonly rows: Share;
  readonly must: Share;
  readonly should: Share;
  /** MAY rows and design rows. */
  readonly optional: Share;
}

/** A tag that does not count, with its place. */
export interface Misplaced {
  readonly id: string;
  readonly file: string;
  readonly line: number;
}

export interface Coverage {
  readonly areas: readonly AreaCoverage[];
  /** Entries of the table of rows that are not done, each with its number of rows. */
  readonly notDone: readonly (NotDone & { readonly rows: number })[];
  /** Entries that excuse no row: the row has a test, or does not exist. */
  readonly idleExcuses: readonly string[];
  /** Rows of all areas that require a test and have none. */
  readonly missing: readonly ChecklistRow[];
  /** Those in areas declared complete. */
  readonly missingInCompleteAreas: readonly ChecklistRow[];
  /** MAY rows and design rows without a test, which are no error. */
  readonly optionalWithout: readonly ChecklistRow[];
  /** Clauses without a test, of rows that are not covered. */
  readonly missingClauses: readonly string[];
  /** Tags of whole rows that have clauses: they prove no clause. */
  readonly unspecific: readonly Misplaced[];
  readonly unknown: readonly Misplaced[];
  /** IDs on tests that never run. */
  readonly skipped: readonly Misplaced[];
}

/**
 * Compares rows with the titles of tests.
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
  const missing = rows.filter((row) => requiresTest(row) && !covered.has(row.id) && !excused.includes(row));
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
      (row) => isOptional(row) && !requiresTest(row) && !covered.has(row.id) && !excused.includes(row),
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

/** Returns true if there is no error to correct. */
export function isSound(coverage: Coverage): boolean {
  const { missingInCompleteAreas, missingClauses, idleExcuses, unspecific, unknown, skipped } = coverage;
  return [missingInCompleteAreas, missingClauses, idleExcuses, unspecific, unknown, skipped].every(
    (list) => list.length === 0,
  );
}

function place({ id, file, line }: Misplaced): Misplaced {
  return { id, file, line };
}

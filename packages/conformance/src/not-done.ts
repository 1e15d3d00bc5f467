import type { ChecklistRow } from './checklist.ts';

/** A row, or a whole area, that is deliberately not done. */
export interface NotDone {
  /** `AREA-nn`, or an area. */
  readonly what: string;
  readonly reason: string;
  /** The decision record, as a path from the folder of the table. */
  readonly record: string;
}

/**
 * The table of what is not done, in Markdown: lines `| ID or area | Reason | [NNNN](decisions/NNNN-title.md) |`. Heading
 * and ruler are passed over.
 * @throws Error for a line without a reason or without a link to a record, and for what occurs twice.
 */
export function readNotDone(markdown: string): NotDone[] {
  const found = new Map<string, NotDone>();
  for (const line of markdown.split('\n')) {
    const cells = line.split('|').map((cell) => cell.trim());
    const what = cells[1] ?? '';
    if (!/^[A-Z][A-Z0-9]*(-[A-Z]+)?(-\d+)?$/.test(what)) continue;
    const reason = cells[2] ?? '';
    const record = /^\[\d{4}\]\((.+)\)$/.exec(cells[3] ?? '')?.[1];
    if (reason === '') throw new Error(`${what} is not done for no reason.`);
    if (record === undefined) throw new Error(`${what} is not done without a decision record.`);
    if (found.has(what)) throw new Error(`${what} occurs twice among what is not done.`);
    found.set(what, { what, reason, record });
  }
  return [...found.values()];
}

/** The line of the table that speaks of a row. */
export function excuseOf(row: ChecklistRow, notDone: readonly NotDone[]): NotDone | undefined {
  return notDone.find(({ what }) => what === row.id || what === row.area);
}

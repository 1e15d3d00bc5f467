import type { ChecklistRow } from './checklist.ts';

/** A row, or a whole area, that is left out on purpose. */
export interface NotDone {
  /** `AREA-nn`, or an area. */
  readonly what: string;
  readonly reason: string;
  /** The decision record, as a path from the folder of the table. */
  readonly record: string;
}

/**
 * Reads the table of rows that are not done, in Markdown: lines `| ID or area | Reason | [NNNN](decisions/NNNN-title.md) |`. Skips
 * heading and ruler.
 * @throws Error for a line without a reason or without a link to a record, and for a row or area that occurs twice.
 */
export function readNotDone(markdown: string): NotDone[] {
  const found = new Map<string, NotDone>();
  for (const line of markdown.split('\n')) {
    const cells = line.split('|').map((cell) => cell.trim());
    const what = cells[1] ?? '';
    if (!/^[A-Z][A-Z0-9]*(-[A-Z]+)?(-\d+)?$/.test(what)) continue;
    const reason = cells[2] ?? '';
    const record = /^\[\d{4}\]\((.+)\)$/.exec(cells[3] ?? '')?.[1];
    if (reason === '') throw new Error(`${what} is listed as not done without a reason.`);
    if (record === undefined) throw new Error(`${what} is listed as not done without a decision record.`);
    if (found.has(what)) throw new Error(`${what} is listed twice as not done.`);
    found.set(what, { what, reason, record });
  }
  return [...found.values()];
}

/** Returns the entry of the table that covers a row. */
export function excuseOf(row: ChecklistRow, notDone: readonly NotDone[]): NotDone | undefined {
  return notDone.find(({ what }) => what === row.id || what === row.area);
}

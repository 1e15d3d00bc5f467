/** How strongly a row binds, without the sign `°` that marks a source in lower case. */
type Level = 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT' | 'MAY' | 'design';

const levels: readonly string[] = ['MUST', 'MUST NOT', 'SHOULD', 'SHOULD NOT', 'MAY', 'design'] satisfies Level[];

/** One requirement of the checklist. */
export interface ChecklistRow {
  /** `AREA-nn`, for example `CL-Q-09`. */
  readonly id: string;
  /** The ID without its number, for example `CL-Q`. */
  readonly area: string;
  readonly level: Level;
  readonly requirement: string;
}

/**
 * The rows of a checklist in Markdown, in their order: lines `| ID | Ref | Level | Requirement | Test idea |`. Other
 * tables and struck-out rows (`~~ID~~`) are passed over.
 * @throws Error for a row with an unknown level and for an ID that occurs twice.
 */
export function readChecklist(markdown: string): ChecklistRow[] {
  const rows = new Map<string, ChecklistRow>();
  for (const line of markdown.split('\n')) {
    const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    // An outer `|` on each side makes an empty first and last cell.
    if (cells.length !== 7) continue;
    const [, id = '', , level = '', requirement = ''] = cells;
    const area = /^([A-Z][A-Z0-9]*(?:-[A-Z]+)?)-\d+$/.exec(id)?.[1];
    if (area === undefined) continue;
    const plainLevel = level.replace('°', '');
    if (!levels.includes(plainLevel)) throw new Error(`${id} has the level "${level}", which is none.`);
    if (rows.has(id)) throw new Error(`${id} occurs twice in the checklist.`);
    rows.set(id, { id, area, level: plainLevel as Level, requirement });
  }
  return [...rows.values()];
}

export function isMust(row: ChecklistRow): boolean {
  return row.level.startsWith('MUST');
}

export function isShould(row: ChecklistRow): boolean {
  return row.level.startsWith('SHOULD');
}

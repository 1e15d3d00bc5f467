/** The level of a requirement, without the sign `°` that marks a source in lower case. */
type Level = 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT' | 'MAY' | 'design';

const firstLetter = 'a'.charCodeAt(0);
const levels: readonly string[] = ['MUST', 'MUST NOT', 'SHOULD', 'SHOULD NOT', 'MAY', 'design'] satisfies Level[];

/** One requirement of the checklist. */
export interface ChecklistRow {
  /** `AREA-nn`, for example `CL-Q-09`. */
  readonly id: string;
  /** The ID without its number, for example `CL-Q`. */
  readonly area: string;
  readonly level: Level;
  readonly requirement: string;
  /** The letters of its clauses, `a` first; empty for a row without clauses. */
  readonly clauses: readonly string[];
}

/**
 * Reads the rows of a checklist in Markdown, in their order: lines `| ID | Ref | Level | Requirement | Test idea |`. Skips
 * other tables and struck-out rows (`~~ID~~`). An anchor before the ID and the targets of links are left out; `**a)**` in a
 * requirement starts its clause a.
 * @throws Error for a row with an unknown level, for an ID that occurs twice, and for clauses out of order.
 */
export function readChecklist(markdown: string): ChecklistRow[] {
  const rows = new Map<string, ChecklistRow>();
  for (const line of markdown.split('\n')) {
    const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    // An outer `|` on each side makes an empty first and last cell.
    if (cells.length !== 7) continue;
    const [, first = '', , level = '', requirement = ''] = cells;
    const [, id = '', area = ''] =
      /^(?:<a id="[a-z0-9-]+"><\/a>)?(([A-Z][A-Z0-9]*(?:-[A-Z]+)?)-\d+)$/.exec(first) ?? [];
    if (id === '') continue;
    const plainLevel = level.replace('°', '');
    if (!levels.includes(plainLevel)) throw new Error(`${id} has the level "${level}", which does not exist.`);
    if (rows.has(id)) throw new Error(`${id} occurs twice in the checklist.`);
    const clauses = [...requirement.matchAll(/\*\*([a-z])\)\*\*/g)].map((match) => match[1]!);
    if (clauses.length === 1 || clauses.some((letter, index) => letter.charCodeAt(0) !== firstLetter + index)) {
      throw new Error(`${id} has the clauses ${clauses.join(', ')}; they are a, b and so on.`);
    }
    rows.set(id, { id, area, level: plainLevel as Level, requirement: withoutTargets(requirement), clauses });
  }
  return [...rows.values()];
}

function withoutTargets(markdown: string): string {
  return markdown.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1');
}

/** Returns the tags that titles must name to prove a row: the ID, or one for each clause, such as `SV-A-19a`. */
export function tagsOf({ id, clauses }: ChecklistRow): readonly string[] {
  return clauses.length === 0 ? [id] : clauses.map((letter) => id + letter);
}

export function isMust(row: ChecklistRow): boolean {
  return row.level.startsWith('MUST');
}

export function isShould(row: ChecklistRow): boolean {
  return row.level.startsWith('SHOULD');
}

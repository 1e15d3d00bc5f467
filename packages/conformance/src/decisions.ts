import { posix } from 'node:path';

/** A page, by its path from the top of the repository. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** A decision record, or a decision about the protocol that a page of the checklist describes. */
export interface Decision {
  /** `0007` or `DD-07`. */
  readonly id: string;
  readonly title: string;
  /** The page, with an anchor where the page has more than this decision. */
  readonly target: string;
  /** The number of the record that replaces it. */
  readonly replacedBy?: string;
}

/** Reads decision records: pages named `NNNN-title.md` with a heading `# N. Title`. */
export function readRecords(pages: readonly Page[]): Decision[] {
  return pages.flatMap(({ path, text }) => {
    const id = /^(\d{4})-.*\.md$/.exec(posix.basename(path))?.[1];
    const title = /^# \d+\. (.+)$/m.exec(text)?.[1];
    if (id === undefined || title === undefined) return [];
    const replacedBy = /^Replaced by \[(\d+)\]/m.exec(text)?.[1];
    return [{ id, title, target: path, ...(replacedBy === undefined ? {} : { replacedBy }) }];
  });
}

/**
 * Reads decisions about the protocol: headings `### <a id="dd-nn"></a>DD-nn: Title`, in the order of their numbers.
 * @throws Error for a number that occurs twice, since other documents cite numbers.
 */
export function readProtocolDecisions(pages: readonly Page[]): Decision[] {
  const found = new Map<string, Decision>();
  for (const { path, text } of pages) {
    for (const [, id = '', title = ''] of text.matchAll(/^### <a id="dd-\d+"><\/a>(DD-\d+): (.+)$/gm)) {
      if (found.has(id)) throw new Error(`${id} occurs twice among the design decisions.`);
      found.set(id, { id, title, target: `${path}#${id.toLowerCase()}` });
    }
  }
  return [...found.values()].sort((left, right) => Number(left.id.slice(3)) - Number(right.id.slice(3)));
}

/**
 * Returns a table of decisions, as lines of Markdown.
 * @param folder - where the table is, from the top of the repository; links are relative to it.
 */
export function decisionTable(decisions: readonly Decision[], folder: string): string[] {
  const rows = decisions.map(({ id, title, target, replacedBy }) => {
    const replaced = replacedBy === undefined ? '' : ` (replaced by ${replacedBy})`;
    return `| [${id}](${posix.relative(folder, target)}) | ${title}${replaced} |`;
  });
  return ['| Number | Decision |', '|---|---|', ...rows];
}

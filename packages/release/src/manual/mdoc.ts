import { wrap } from '../texts/wrap.ts';

const lineLength = 78;

/** Returns text for a manual page in mdoc: escaped, a line for each sentence, and no line that would be a request. */
export function mdocText(text: string): string {
  return text
    .split(/(?<=[.?!]) (?=[A-Z])/)
    .flatMap((each) => wrap(each, lineLength))
    .map((line) => `${escapeLine(line)}\n`)
    .join('');
}

/** Returns a list of tagged entries; a tag is a macro line without its dot. */
export function mdocList(entries: readonly { readonly tag: string; readonly text: string }[]): string {
  return `.Bl -tag -width Ds\n${entries.map(({ tag, text }) => `.It ${tag}\n${text}`).join('')}.El\n`;
}

/** Returns a word for a macro line. */
export function mdocWord(word: string): string {
  const escaped = escapeCharacters(word).replaceAll('"', '\\(dq');
  // Words of one to three letters may be macros.
  return /^[A-Z][A-Za-z]{0,2}$/.test(word) ? `\\&${escaped}` : escaped;
}

/** Returns the lines of an example, as they are typed. */
export function mdocExample(lines: readonly string[]): string {
  return `.Bd -literal -offset indent\n${lines.map((line) => `${escapeLine(line)}\n`).join('')}.Ed\n`;
}

/** Returns the head of a page. */
export function mdocHead(page: { name: string; section: number; version: string; date: Date }): string {
  const date = page.date.toLocaleDateString('en-US', {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    timeZone: 'UTC',
  });
  return `.Dd ${date}\n.Dt ${page.name.toUpperCase()} ${page.section}\n.Os Navalis ${page.version}\n`;
}

function escapeLine(line: string): string {
  return escapeCharacters(line).replace(/^(?=[.'])/, '\\&');
}

function escapeCharacters(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-');
}

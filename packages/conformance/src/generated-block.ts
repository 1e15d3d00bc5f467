/**
 * Replaces the part of a page between `<!-- name -->` and `<!-- /name -->` by these lines.
 * @throws Error for a page without the two markers.
 */
export function withBlock(page: string, name: string, lines: readonly string[]): string {
  const [start, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
  const from = page.indexOf(start) + start.length;
  const to = page.indexOf(end);
  if (from < start.length || to < from)
    throw new Error(`No lines ${start.trim()} and ${end} in: ${page.split('\n')[0]}`);
  return `${page.slice(0, from)}${lines.map((line) => `${line}\n`).join('')}${page.slice(to)}`;
}

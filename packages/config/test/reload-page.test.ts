import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { configurationKeys, type Reload, reloadOf, roles } from '../src/index.ts';

const page = readFileSync(new URL('../../../docs/operate/reload.md', import.meta.url), 'utf8');

it('the guide says when a changed value of each key takes effect', () => {
  const documented = /<!-- reload: begin -->\n(.*)<!-- reload: end -->/s.exec(page)?.[1];
  expect(documented).toBe(table());
});

const names: Readonly<Record<Reload, string>> = {
  'at-once': 'at once',
  'new-socket': 'with another socket',
  'at-start': 'at the next start',
};

function table(): string {
  const rows = (Object.keys(names) as Reload[]).map((reload) => {
    const keys = configurationKeys.flatMap((key) => {
      const own = key.roles.filter((role) => reloadOf(key, role) === reload);
      if (own.length === 0) return [];
      const isAll = own.length === key.roles.length;
      return [`\`${key.name}\`${isAll ? '' : ` (${roles.filter((role) => own.includes(role)).join(', ')})`}`];
    });
    return `| ${names[reload]} | ${keys.join(', ')} |\n`;
  });
  return `\n| Takes effect | Keys |\n|---|---|\n${rows.join('')}\n`;
}

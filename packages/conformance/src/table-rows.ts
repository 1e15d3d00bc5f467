import { type CallExpression, type Expression, type Program, Visitor } from 'oxc-parser';

/** The tables of a file that have a name: `const cases: ... = [...]`. */
export type NamedTables = ReadonlyMap<string, Expression>;

export function namedTables(program: Program): NamedTables {
  const tables = new Map<string, Expression>();
  new Visitor({
    VariableDeclarator({ id, init }) {
      if (id.type === 'Identifier' && init?.type === 'ArrayExpression') tables.set(id.name, init);
    },
  }).visit(program);
  return tables;
}

/**
 * Returns the first text of each row of `it.each(table)('... %s ...')`, which `%s` inserts into the title. Empty when the call has
 * no table of literals, or inserts no text.
 */
export function rowTitles(call: CallExpression, title: string, tables: NamedTables): string[] {
  const table = /^[^%]*%s/.test(title) ? tableOf(call, tables) : undefined;
  if (table?.type !== 'ArrayExpression') return [];
  return table.elements.flatMap((row) => {
    const first = row?.type === 'ArrayExpression' ? row.elements[0] : row;
    return first?.type === 'Literal' && typeof first.value === 'string' ? [first.value] : [];
  });
}

function tableOf({ callee }: CallExpression, tables: NamedTables): Expression | undefined {
  if (callee.type !== 'CallExpression' || callee.callee.type !== 'MemberExpression') return undefined;
  const { property } = callee.callee;
  if (property.type !== 'Identifier' || property.name !== 'each') return undefined;
  const table = callee.arguments[0];
  return table?.type === 'Identifier' ? tables.get(table.name) : (table as Expression | undefined);
}

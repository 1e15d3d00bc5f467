import { describe, expect, it } from 'vitest';
import { idsIn, readTaggedTests, relativeImports } from '../src/tagged-tests.ts';

// Tags are composed here, so that this file has none of its own.
const tag = (id: string) => `[${id}]`;
const one = tag('WF-01');
const two = tag('CL-Q-02');

function read(source: string) {
  return readTaggedTests('a.test.ts', source).map(({ line, ids, skipped }) => ({ line, ids, skipped }));
}

describe('titles', () => {
  it('carry IDs that stand alone in brackets', () => {
    expect(idsIn(`${one}${two} does ${tag('R5-03')}`)).toEqual(['WF-01', 'CL-Q-02', 'R5-03']);
    expect(idsIn('[WF] [wf-01] [WF-01, WF-02] WF-01 [0] [a-1]')).toEqual([]);
  });

  it.each([
    ['single quotes', `it('${one} x', () => {});`],
    ['double quotes', `test("${one} x", () => {});`],
    ['a template', `it(\`${one} \${name}\`, () => {});`],
    ['a sum', `it('${one} x' + name + ' y', () => {});`],
    ['a modifier', `it.concurrent('${one}', () => {});`],
    ['a table', `it.each<[string, number]>([['a', 1]])('${one} %s', () => {});`],
    ['a tagged table', `it.each\`a\n\${1}\`('${one} $a', () => {});`],
    ['the rows of a table', `it.each([['${one} a', 1], ['${one} b', 2]])('%s', () => {});`],
    ['the rows of a named table', `const cases: Row[] = [['${one} a', 1]]; it.each(cases)('does %s: %d', () => {});`],
    ['a condition', `it.skipIf(process.getuid() !== 0)('${one}', () => {});`],
    ['a suite that has a test', `describe('${one}', () => { it('x', () => {}); });`],
    ['a callback', `for (const x of y) { wrap(() => { it('${one}', async () => {}); }); }`],
  ])('are found in %s', (_, source) => {
    expect(read(source)).toEqual([{ line: 1, ids: ['WF-01'], skipped: false }]);
  });

  it.each([
    ['a comment', `// it('${one}', () => {});`],
    ['a string', `const text = "it('${one}')";`],
    ['another function', `expect('${one}').toBe(1); commit('${one}');`],
    ['an inserted ID', `it(\`[\${row}] x\`, () => {});`],
    ['a text of a row that is not its first', `it.each([['a', '${one}']])('%s', () => {});`],
    ['a row that the title leaves out', `it.each([['${one}', 1]])('x', () => {});`],
  ])('are not found in %s', (_, source) => {
    expect(read(source)).toEqual([]);
  });

  it.each([
    ['skipped', `it.skip('${one}', () => {});`],
    ['yet to be written', `it.todo('${one}');`],
    ['skipped with a table', `it.skip.each([1])('${one} %d', () => {});`],
    ['in a skipped suite', `describe.skip('x', () => { describe('y', () => { it('${one}', () => {}); }); });`],
    ['a skipped suite', `describe.skip('${one}', () => { it('y', () => {}); });`],
    ['a suite of skipped tests', `describe('${one}', () => { it.skip('y', () => {}); });`],
    ['an empty suite', `describe('${one}', () => {});`],
  ])('are known to prove nothing when the test is %s', (_, source) => {
    expect(read(source)).toEqual([{ line: 1, ids: ['WF-01'], skipped: true }]);
  });

  it('have a line number', () => {
    expect(read(`import 'x';\n\nit('${one}', () => {});\n\nit(\n  '${two}',\n  () => {},\n);\n`)).toEqual([
      { line: 3, ids: ['WF-01'], skipped: false },
      { line: 5, ids: ['CL-Q-02'], skipped: false },
    ]);
  });

  it('of a file that is not TypeScript are an error that names the file', () => {
    expect(() => readTaggedTests('b.test.ts', 'it(')).toThrow('b.test.ts');
  });
});

it('relative imports are distinguished from others', () => {
  const source = "import fs from 'node:fs';\nimport { a } from './a.ts';\nimport type { B } from '../b.ts';\n";
  expect(relativeImports('c.test.ts', source)).toEqual(['./a.ts', '../b.ts']);
});

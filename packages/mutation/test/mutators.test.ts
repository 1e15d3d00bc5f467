import { describe, expect, it } from 'vitest';
import { instrumentFiles } from '../src/instrument.ts';

async function mutantsOf(content: string) {
  const { mutants } = await instrumentFiles('/', [{ name: '/sample.ts', mutate: true, content }]);
  return mutants.map(({ mutator, original, replacement }) => `${mutator}: ${original} => ${replacement}`);
}

describe('the mutants of a source', () => {
  it('change each number by one, but no key and no type', async () => {
    const mutants = await mutantsOf('export const delays: { 3: 4 } = { 3: 4 };');
    expect(mutants.filter((each) => each.startsWith('Numeric'))).toEqual(['NumericLiteral: 4 => 5']);
  });

  it.each([
    ['a & b', 'a | b'],
    ['a | b', 'a & b'],
    ['a ^ b', 'a & b'],
    ['a << b', 'a >>> b'],
    ['a >> b', 'a << b'],
    ['a >>> b', 'a << b'],
  ])('turn %s into %s', async (original, replacement) => {
    expect(await mutantsOf(`export const f = (a: number, b: number) => ${original};`)).toContain(
      `BitwiseOperator: ${original} => ${replacement}`,
    );
  });

  it('take away single calls and assignments, but not the call of a constructor above', async () => {
    const mutants = await mutantsOf(
      'export class Sample extends Base { x = a; constructor() { super(); this.x = b; forget(this.x); } }',
    );
    expect(mutants.filter((each) => each.startsWith('StatementRemoval'))).toEqual([
      'StatementRemoval: this.x = b; => ;',
      'StatementRemoval: forget(this.x); => ;',
    ]);
  });

  it('have the kinds of StrykerJS, and tell where they are', async () => {
    const { mutants } = await instrumentFiles('/top', [
      { name: '/top/a/sample.ts', mutate: true, content: 'export const f = (a: number) =>\n  a < limit;' },
    ]);
    expect(mutants).toContainEqual({
      id: expect.any(String),
      file: 'a/sample.ts',
      line: 2,
      column: 3,
      mutator: 'EqualityOperator',
      original: 'a < limit',
      replacement: 'a <= limit',
    });
  });
});

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runPackage } from '../src/package-run.ts';
import { formatFindings, formatScore, scoreOf } from '../src/report.ts';
import { repositoryWith } from './fixture.ts';

const options = { file: '', line: undefined, moreTests: [], processes: 1 };

async function run(source: string, test: string) {
  const root = repositoryWith(
    source,
    `import { expect, it } from 'vitest';\nimport * as sample from '../src/index.ts';\n${test}`,
  );
  return { root, run: await runPackage('sample', { root, ...options }) };
}

async function stateOf(source: string, test: string, what: string) {
  const { tried } = (await run(source, test)).run;
  const found = tried.find(({ mutant }) => `${mutant.original} => ${mutant.replacement}` === what);
  return found && { state: found.state, test: found.test };
}

describe('a run over the mutants of a package', () => {
  const limit = 'export const isOver = (n: number) => n > 7;';

  it('tells which test notices a change', async () => {
    const test = "it('is not over at 7', () => expect(sample.isOver(7)).toBe(false));";
    expect(await stateOf(limit, test, 'n > 7 => n >= 7')).toEqual({ state: 'killed', test: 'is not over at 7' });
  });

  it('reports mutants that no test notices or reaches', async () => {
    expect(await stateOf(limit, "it('x', () => expect(sample.isOver(9)).toBe(true));", '7 => 8')).toEqual({
      state: 'survived',
      test: undefined,
    });
    expect(await stateOf(limit, "it('x', () => {});", '7 => 8')).toEqual({ state: 'not covered', test: undefined });
  });

  it('reloads modules for mutants that act at load time', async () => {
    const source = 'const limit = 7;\nexport const isOver = (n: number) => n > limit;';
    const test = "it('knows 8', () => expect(sample.isOver(8)).toBe(true));";
    expect(await stateOf(source, test, '7 => 8')).toEqual({ state: 'killed', test: 'knows 8' });
  });

  it('does not ask a test that it left out about them, but one that another title makes new', async () => {
    const source = 'export const limit = 7;';
    const wrong = "it('is wrong', () => expect(sample.limit).toBe(1)); it('is right', () => {});";
    expect(await stateOf(source, wrong, '7 => 8')).toEqual({ state: 'survived', test: undefined });
    const titled = "it('is ' + sample.limit, () => expect(sample.limit).toBe(7));";
    expect(await stateOf(source, titled, '7 => 8')).toEqual({ state: 'killed', test: 'is 8' });
  });

  it('asks the tests of one file also where another file reaches the change while it is loaded', async () => {
    const root = repositoryWith(
      limit,
      "import { isOver } from '../src/index.ts';\nisOver(1);\nimport { it } from 'vitest';\nit('x', () => {});",
    );
    writeFileSync(
      join(root, 'packages/sample/test/second.test.ts'),
      "import { expect, it } from 'vitest';\nimport { isOver } from '../src/index.ts';\nit('knows 7', () => expect(isOver(7)).toBe(false));",
    );
    const { tried } = await runPackage('sample', { root, ...options });
    expect(tried.find(({ mutant }) => mutant.replacement === 'n >= 7')).toMatchObject({
      state: 'killed',
      test: 'knows 7',
    });
  });

  it('does not count mutants that cannot be loaded', async () => {
    const source = 'export const table = [1].map((n) => n.toString());';
    const test = "it('x', () => expect(sample.table).toEqual(['1']));";
    expect(await stateOf(source, test, '(n) => n.toString() => () => undefined')).toMatchObject({ state: 'killed' });
    const broken = 'const text = String(1) ?? undefined;\nexport const table = text.length;';
    expect(
      await stateOf(
        broken,
        "it('x', () => expect(sample.table).toBe(1));",
        'String(1) ?? undefined => String(1) && undefined',
      ),
    ).toEqual({
      state: 'not runnable',
      test: undefined,
    });
  });

  it('ends a loop that never ends', async () => {
    const source = 'export function half(n: number) { let i = 0; while (i * 2 < n) i += 1; return i; }';
    const test = "it('halves', () => expect(sample.half(8)).toBe(4));";
    expect(await stateOf(source, test, 'i += 1; => ;')).toEqual({ state: 'timeout', test: 'halves' });
  });

  it('is not misled by state that a change leaves behind', async () => {
    // With "+=", the first call is right and all later ones are wrong.
    const source = `let count = 0;
export function enter() { count += 1; const n = count; count -= 1; return n > 5 ? n : n; }`;
    const test = "it('is alone', () => expect(sample.enter()).toBe(1));";
    const { tried } = (await run(source, test)).run;
    const states = tried.map(({ mutant, state }) => `${mutant.original} => ${mutant.replacement}: ${state}`);
    expect(states).toContain('count -= 1 => count += 1: survived');
    expect(states).toContain('n > 5 => true: survived');
    expect(states).toContain('count += 1 => count -= 1: killed');
  });

  it('leaves out and names a test that fails without any change, and ends where all of a file do', async () => {
    const wrong = "it('is wrong', () => expect(1).toBe(2));";
    await expect(run(limit, wrong)).rejects.toThrow(/No test of .*sample\.test\.ts passes twice without a mutant/);
    const { run: done } = await run(limit, `${wrong} it('is right', () => expect(1).toBe(1));`);
    expect(done.unstable).toEqual(['is wrong']);
    expect(done.tried.map(({ state }) => state)).not.toContain('killed');
  });
});

describe('mutants that are described alike', () => {
  it('are told apart by their order in the file', async () => {
    const { run: done } = await run(
      'export const isOdd = (n: number) => n === 1 || n > 1;',
      "it('x', () => expect(sample.isOdd(1)).toBe(true));",
    );
    const ones = done.tried.filter(({ mutant }) => mutant.original === '1').map(({ description }) => description);
    expect(ones.map(({ line, occurrence }) => [line.startsWith('export'), occurrence])).toEqual([
      [true, 1],
      [true, 2],
    ]);
  });
});

describe('the score of a package', () => {
  const source = 'export const isOver = (n: number) => n > 7;';
  const test = "it('x', () => expect(sample.isOver(9)).toBe(true));";

  it('leaves out justified mutants, and reports needless justifications', async () => {
    const { root, run: before } = await run(source, test);
    const survivors = before.tried.filter(({ state }) => state === 'survived').map(({ description }) => description);
    expect(survivors.length).toBeGreaterThan(1);
    expect(scoreOf(before)).toMatchObject({ mutants: before.tried.length, justified: 0 });
    const killed = before.tried.find(({ state }) => state === 'killed')!.description;
    mkdirSync(join(root, 'packages/mutation/justified'), { recursive: true });
    const justified = [...survivors, killed].map((each) => ({ ...each, reason: 'for the test' }));
    writeFileSync(join(root, 'packages/mutation/justified/sample.json'), JSON.stringify(justified));
    const after = await runPackage('sample', { root, ...options });
    expect(scoreOf(after)).toMatchObject({ percent: 100, justified: justified.length });
    expect(formatScore(after)).toContain('100.0 %');
    expect(formatFindings(after)).toEqual([expect.stringMatching(/^justified, but noticed: /)]);
  });
});

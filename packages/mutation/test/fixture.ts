import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Makes a repository with one package, `packages/sample`, that goes with the test. */
export function repositoryWith(source: string, test: string): string {
  const root = mkdtempSync(join(tmpdir(), 'navalis-mutation-test-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const folder = join(root, 'packages/sample');
  mkdirSync(join(folder, 'src'), { recursive: true });
  mkdirSync(join(folder, 'test'));
  writeFileSync(join(folder, 'src/index.ts'), source);
  writeFileSync(join(folder, 'test/sample.test.ts'), test);
  return root;
}

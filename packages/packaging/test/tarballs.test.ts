import { execFileSync } from 'node:child_process';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, describe, expect, it } from 'vitest';
import { publishedPackages } from '../src/published-packages.ts';
import { PackedPackages } from './pack.ts';

const packed = new PackedPackages();
const published = publishedPackages().map(({ manifest }) => [manifest.name, manifest] as const);

afterAll(() => packed.remove());

describe('the published packages', () => {
  it('have one tarball each', () => {
    expect(packed.count).toBe(24);
  });

  it.each(published)('include %s with a license, a README and the files that its manifest names', (name, manifest) => {
    const files = execFileSync('tar', ['-tzf', packed.path(name)], { encoding: 'utf8' }).split('\n');
    const { exports = {}, bin = {} } = manifest;
    const promised = [...Object.values(bin), ...Object.values(exports).flatMap((each) => Object.values(each))];
    expect(promised.length).toBeGreaterThan(0);
    for (const file of ['LICENSE', 'README.md', 'package.json', ...promised.map((path) => path.slice(2))]) {
      expect(files).toContain(`package/${file}`);
    }
    if (manifest.bin !== undefined) {
      for (const file of ['alerts.yml', 'alerts.test.yml', 'dashboard.json'])
        expect(files).toContain(`package/monitoring/${file}`);
      expect(files).toContain(`package/systemd/${name}.service`);
    }
    expect(files.filter((file) => file.includes('/test/') || file.includes('tsconfig'))).toEqual([]);
  });

  it.each(published)('include %s without a finding of publint', async (name) => {
    const { messages, pkg } = await publint({ pack: { tarball: packed.read(name).buffer }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it.each(published.filter(([, manifest]) => manifest.exports !== undefined))(
    'include %s with types that every ESM consumer finds',
    async (name) => {
      const analysis = await checkPackage(createPackageFromTarballData(packed.read(name)));
      if (!analysis.types) expect.fail('No types are found.');
      // ESM only: require() and the resolution of Node 10 are not supported.
      const problems = analysis.problems.filter(
        (problem) => !('resolutionKind' in problem) || !['node10', 'node16-cjs'].includes(problem.resolutionKind),
      );
      expect(problems).toEqual([]);
    },
  );
});

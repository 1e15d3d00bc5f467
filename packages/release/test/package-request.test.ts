import { roles } from '@navalis/config';
import { describe, expect, it } from 'vitest';
import { stepsOf } from '../src/package-all.ts';
import { readPackageRequest } from '../src/package-request.ts';
import { namesToPack } from '../src/publish/npm.ts';

describe('npm run package', () => {
  it('builds all programs for both architectures unless told otherwise', () => {
    expect(readPackageRequest([])).toEqual({ isQuick: false, architecture: undefined, roles: undefined });
    expect(readPackageRequest(['--quick', '--architecture', 'arm64'])).toMatchObject({
      isQuick: true,
      architecture: 'arm64',
    });
    const steps = stepsOf({ out: '/nonexistent', isQuick: true }, new Date(0)).map(({ name }) => name);
    expect(steps).toHaveLength(4 + 2 + 8 + 1);
    expect(namesToPack(roles)).toEqual(expect.arrayContaining(['teredo-server', '@navalis/simnet']));
  });

  it.each([['client'], ['teredo-client']])('builds %s alone, with the runtime that it needs', (name) => {
    const request = readPackageRequest([name, '--architecture', 'x64']);
    expect(request).toEqual({ isQuick: false, architecture: 'x64', roles: ['client'] });
    const steps = stepsOf({ out: '/nonexistent', ...(request as object), isQuick: true }, new Date(0));
    expect(steps.map((step) => step.name)).toEqual(['deb client', 'deb runtime x64', 'tar client x64', 'npm']);
    const names = namesToPack(['client']);
    expect(names).toEqual(expect.arrayContaining(['teredo-client', '@navalis/runtime', '@navalis/client-core']));
    for (const other of ['teredo-server', '@navalis/server-core', '@navalis/simnet'])
      expect(names).not.toContain(other);
  });

  it('refuses a program or an architecture that is not there', () => {
    expect(readPackageRequest(['tunnel'])).toEqual({
      mistake: '"tunnel" is no program; it must be one of client, server, relay, host-relay.',
    });
    expect(readPackageRequest(['--architecture', 'mips'])).toEqual({
      mistake: '--architecture is "mips"; it must be one of x64, arm64.',
    });
    expect(readPackageRequest(['--help'])).toBe('help');
  });
});

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { roles } from '@navalis/config';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyModule } from '../src/bundle/copy-module.ts';
import { copyrightText } from '../src/bundle/copyright.ts';
import { modulesOf } from '../src/bundle/modules.ts';
import { buildRolePackage, debianVersion } from '../src/debian/packages.ts';
import { appManifest } from '../src/repository.ts';
import { run } from '../src/run.ts';

const { version } = appManifest('client');
const folder = mkdtempSync(join(tmpdir(), 'navalis-debian-'));
const options = { out: folder, date: new Date('2026-11-26T00:00:00Z'), isQuick: true };
const path = (role: string): string => join(folder, `teredo-${role}_${version}_all.deb`);

beforeAll(() => {
  for (const role of roles) buildRolePackage(role, options);
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('the Debian packages of the programs', () => {
  it('are clean for lintian', () => {
    const { stdout, status } = spawnSync('lintian', ['--fail-on=error,warning', path('client'), path('server')], {
      encoding: 'utf8',
    });
    expect([stdout, status]).toEqual(['', 0]);
    // Several seconds of the processor, on a machine that runs other suites.
  }, 240_000);

  it('are the same when they are built again', () => {
    const before = roles.map((role) => readFileSync(path(role)));
    for (const role of roles) buildRolePackage(role, options);
    expect(roles.map((role, index) => readFileSync(path(role)).equals(before[index]!))).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  it.each(roles)('teredo-%s has unit, configuration, pages and completions', (role) => {
    const files = run('dpkg-deb', ['--contents', path(role)])
      .split('\n')
      .map((line) => line.split(/\s+/)[5]);
    const name = `teredo-${role}`;
    expect(files).toEqual(
      expect.arrayContaining([
        `./etc/navalis/${role}.toml`,
        `./usr/bin/${name}`,
        `./usr/lib/systemd/system/${name}.service`,
        ...(role === 'relay' ? ['./usr/lib/systemd/system/teredo-relay@.service'] : []),
        `./usr/share/bash-completion/completions/${name}`,
        `./usr/share/doc/${name}/examples/monitoring/alerts.yml`,
        `./usr/share/doc/${name}/examples/monitoring/dashboard.json`,
        ...(role === 'relay'
          ? ['relay', 'router'].map((file) => `./usr/share/doc/${name}/examples/bird/${file}.conf`)
          : []),
        `./usr/share/fish/vendor_completions.d/${name}.fish`,
        `./usr/share/man/man5/${name}.toml.5.gz`,
        `./usr/share/man/man8/${name}.8.gz`,
        `./usr/share/zsh/vendor-completions/_${name}`,
      ]),
    );
    expect(run('dpkg-deb', ['--info', path(role), 'conffiles'])).toBe(`/etc/navalis/${role}.toml\n`);
    const unit = join(folder, name);
    run('dpkg-deb', ['--extract', path(role), unit]);
    const text = readFileSync(join(unit, `usr/lib/systemd/system/${name}.service`), 'utf8');
    expect(text).toContain(`\nExecStart=/usr/bin/${name}\n`);
    expect(text).not.toContain('/opt/');
  });
});

describe('the version of a Debian package', () => {
  it('sorts before that of the release that it prepares', () => {
    const [candidate, release] = [debianVersion('1.0.0-rc.1'), debianVersion('1.0.0')];
    expect([candidate, release]).toEqual(['1.0.0~rc.1', '1.0.0']);
    run('dpkg', ['--compare-versions', candidate, 'lt', release]);
  });
});

describe('the licenses', () => {
  const modules = modulesOf('client', process.arch === 'arm64' ? 'arm64' : 'x64');

  it('of an archive are all in it, and a Debian package refers to that of Debian', () => {
    const archive = copyrightText({ modules, node: undefined, isForDebian: false });
    expect(archive).not.toContain('/usr/share/common-licenses');
    expect(archive).toMatch(/prom-client [0-9.]+, from the npm registry\s+Apache License\s+Version 2\.0/);
    const debian = copyrightText({ modules, node: undefined, isForDebian: true });
    expect(debian).toMatch(
      /prom-client [0-9.]+, from the npm registry\s+License: Apache-2\.0, see \/usr\/share\/common/,
    );
  });
});

describe('the modules of a program', () => {
  it.each(roles)('of the %s run from a folder of their own', (role) => {
    const modules = join(folder, role, 'node_modules');
    for (const module of modulesOf(role, process.arch === 'arm64' ? 'arm64' : 'x64')) copyModule(module, modules);
    const program = join(modules, `teredo-${role}/dist/main.js`);
    expect(run(process.execPath, [program, '--version'])).toBe(`${version}\n`);
    // The library of system calls, too.
    run(process.execPath, ['--input-type=module', '--eval', `await import('${modules}/@navalis/netio/dist/index.js')`]);
    expect(existsSync(join(modules, 'typescript'))).toBe(false);
  });
});

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keysOf, type Role, roles } from '@navalis/config';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installScripts } from '../src/archive/install-scripts.ts';
import { maintainerScripts } from '../src/debian/maintainer-scripts.ts';
import { pathsIn, writeFile } from '../src/files.ts';
import { secretsOf } from '../src/texts/unit.ts';

const isRoot = process.geteuid!() === 0;

/** A root folder of a machine, on which scripts run with all their paths below it. */
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'navalis-install-'));
  for (const folder of ['run/systemd/system', 'usr/local', 'bin']) mkdirSync(join(root, folder), { recursive: true });
  // As on a machine where the unit is masked.
  writeFile(join(root, 'bin/systemctl'), '#!/bin/sh\n[ "$1" != try-restart ]\n', 0o755);
  writeFile(join(root, 'bin/deb-systemd-helper'), '#!/bin/sh\n', 0o755);
  writeFile(join(root, 'bin/deb-systemd-invoke'), `#!/bin/sh\necho "$1" >>${root}/invoked\n`, 0o755);
});

afterEach(() => rmSync(root, { recursive: true }));

/** Runs a script of a package; its paths are below the root folder. */
function runScript(path: string, text: string, args: readonly string[] = []): { status: number | null; said: string } {
  const moved = text.replace(/(?<![\w$}.-])\/(?=(?:opt|usr|etc|var|run)\/)/g, `${root}/`);
  writeFile(path, moved, 0o755);
  const { PATH = '' } = process.env;
  const { status, stdout, stderr } = spawnSync('sh', ['-c', 'umask 077; exec "$0" "$@"', path, ...args], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${root}/bin:${PATH}` },
  });
  return { status, said: `${stdout}${stderr}`.replaceAll(root, '') };
}

const shared = ['man/man8/teredo-client.8'];
const scripts = installScripts({ role: 'client', architecture: 'x64', shared });
const target = (): string => join(root, 'opt/teredo-client');

/** Unpacks an archive whose program says its version, and runs its install.sh. */
function install(version: string, program = `#!/bin/sh\necho ${version}\n`): { status: number | null; said: string } {
  const archive = join(root, 'root/archive');
  writeFile(join(archive, 'bin/teredo-client'), program, 0o755);
  writeFile(join(archive, `share/${shared[0]}`), 'manual');
  writeFile(join(archive, 'client.toml'), '# sample\n');
  writeFile(join(archive, 'teredo-client.service'), '[Unit]\n');
  writeFile(join(archive, 'uninstall.sh'), '');
  return runScript(join(archive, 'install.sh'), scripts.install);
}

function uninstall(...args: readonly string[]): { status: number | null; said: string } {
  return runScript(join(root, 'root/uninstall.sh'), scripts.uninstall, args);
}

function files(): string[] {
  return pathsIn(root).map((path) => path.slice(root.length));
}

describe.runIf(isRoot)('the scripts of an archive', () => {
  it('install what every user may read, whatever the umask, and keep the configuration', () => {
    expect(install('1')).toEqual({
      status: 0,
      said: 'Edit /etc/navalis/client.toml, then run: systemctl enable --now teredo-client\n',
    });
    for (const path of ['opt/teredo-client', 'usr/local/bin', 'etc/navalis', 'usr/local/lib/systemd/system']) {
      expect([path, statSync(join(root, path)).mode & 0o777]).toEqual([path, 0o755]);
    }
    expect(statSync(join(root, 'etc/navalis/client.toml')).mode & 0o777).toBe(0o644);
    writeFile(join(root, 'etc/navalis/client.toml'), 'server = "192.0.2.1"\n');
    expect(install('2')).toEqual({ status: 0, said: '' });
    expect(readFileSync(join(root, 'etc/navalis/client.toml'), 'utf8')).toBe('server = "192.0.2.1"\n');
    expect(readFileSync(join(root, 'usr/local/bin/teredo-client'), 'utf8')).toContain('echo 2');
  });

  it('leave nothing behind, also after an upgrade', () => {
    const before = files();
    install('1');
    install('2');
    rmSync(join(root, 'root'), { recursive: true });
    expect(uninstall()).toEqual({ status: 0, said: '' });
    rmSync(join(root, 'root'), { recursive: true });
    expect(files().filter((path) => !before.includes(path))).toEqual([
      '/etc',
      '/etc/navalis',
      '/etc/navalis/client.toml',
      '/opt',
    ]);
    expect(uninstall('--purge')).toEqual({ status: 0, said: '' });
    expect(existsSync(join(root, 'etc/navalis'))).toBe(false);
  });

  it.each(['before the old program is away', 'between the old program and the new one'])(
    'repair an installation that was interrupted %s',
    (when) => {
      const before = files();
      install('1');
      if (when.startsWith('between')) renameSync(target(), `${target()}.old`);
      mkdirSync(`${target()}.new`);
      expect(install('2').status).toBe(0);
      expect(readdirSync(join(root, 'opt'))).toEqual(['teredo-client']);
      uninstall('--purge');
      rmSync(join(root, 'root'), { recursive: true });
      expect(files().filter((path) => !before.includes(path))).toEqual(['/etc', '/opt']);
    },
  );

  it('change nothing on a machine that cannot run the program, or has another one', () => {
    install('1');
    const foreign = install('2', '#!/bin/sh\nexit 126\n');
    expect(foreign).toEqual({
      status: 1,
      said: 'The program does not run on this machine: the archive is for x64 with glibc 2.28 or later.\n',
    });
    expect(readFileSync(join(target(), 'bin/teredo-client'), 'utf8')).toContain('echo 1');
    uninstall();
    writeFile(join(root, 'usr/local/bin/teredo-client'), 'of npm');
    expect(install('2')).toEqual({
      status: 1,
      said: '/usr/local/bin/teredo-client belongs to another installation. Remove that first.\n',
    });
    expect(existsSync(target())).toBe(false);
    uninstall();
    expect(readFileSync(join(root, 'usr/local/bin/teredo-client'), 'utf8')).toBe('of npm');
  });

  it('take --purge only', () => {
    expect(uninstall('--prune')).toEqual({ status: 2, said: 'Usage: /root/uninstall.sh [--purge]\n' });
  });
});

describe('the scripts of a Debian package', () => {
  const path = (): string => join(root, 'root/script');
  const call = (script: string, ...args: readonly string[]): string => {
    const { status, said } = runScript(path(), maintainerScripts('client')[script]!, args);
    expect(status).toBe(0);
    return said;
  };
  /** Returns what was done to the service since the last call. */
  const invoked = (): string[] => {
    const file = join(root, 'invoked');
    const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
    rmSync(file, { force: true });
    return lines;
  };

  it('start nothing at first, and restart what runs after an upgrade', () => {
    call('preinst', 'install');
    expect(call('postinst', 'configure', '')).toContain('systemctl enable --now teredo-client');
    expect(invoked()).toEqual([]);
    call('prerm', 'upgrade', '2');
    call('preinst', 'upgrade', '1');
    call('postrm', 'upgrade', '2');
    expect(call('postinst', 'configure', '1')).toBe('');
    expect(invoked()).toEqual(['try-restart']);
  });

  it('start again what a removal stopped', () => {
    call('prerm', 'remove');
    call('postrm', 'remove');
    expect(invoked()).toEqual(['stop']);
    call('preinst', 'install', '1');
    call('postinst', 'configure', '1');
    expect(invoked()).toEqual(['start']);
    // Only this once.
    call('postinst', 'configure', '1');
    expect(invoked()).toEqual(['try-restart']);
  });

  it('go back when dpkg breaks off', () => {
    call('prerm', 'remove');
    call('postinst', 'abort-remove');
    expect(invoked()).toEqual(['stop', 'start']);
    call('preinst', 'install', '1');
    call('postrm', 'abort-install', '1');
    call('postinst', 'configure', '1');
    call('postinst', 'abort-upgrade', '2');
    expect(invoked()).toEqual(['try-restart', 'try-restart']);
  });
});

describe.runIf(isRoot)('the instances of a template', () => {
  const called = (): string[] => {
    const lines = readFileSync(join(root, 'called'), 'utf8').trimEnd().split('\n');
    rmSync(join(root, 'called'));
    return lines.filter((line) => line.includes('@'));
  };
  const link = (): string => join(root, 'etc/systemd/system/multi-user.target.wants/teredo-relay@1.service');
  const instances = 'teredo-relay@*.service';

  beforeEach(() => {
    writeFile(join(root, 'bin/systemctl'), `#!/bin/sh\necho "$*" >>${root}/called\n`, 0o755);
    writeFile(link(), '');
  });

  it('are restarted, stopped and disabled by the scripts of a Debian package', () => {
    const script = (name: string, ...args: readonly string[]) =>
      expect(runScript(join(root, 'root/script'), maintainerScripts('relay')[name]!, args).status).toBe(0);
    script('postinst', 'configure', '1');
    expect(called()).toEqual([`try-restart ${instances}`]);
    script('prerm', 'remove');
    expect(called()).toEqual([`stop ${instances}`]);
    script('postrm', 'remove');
    expect(existsSync(link())).toBe(true);
    script('postrm', 'purge');
    expect(existsSync(link())).toBe(false);
  });

  it('are restarted, stopped and disabled by the scripts of an archive', () => {
    const relay = installScripts({ role: 'relay', architecture: 'x64', shared: [] });
    const archive = join(root, 'root/archive');
    writeFile(join(archive, 'bin/teredo-relay'), '#!/bin/sh\n', 0o755);
    for (const name of ['relay.toml', 'teredo-relay.service', 'teredo-relay@.service'])
      writeFile(join(archive, name), '');
    expect(runScript(join(archive, 'install.sh'), relay.install).status).toBe(0);
    const template = join(root, 'usr/local/lib/systemd/system/teredo-relay@.service');
    expect(existsSync(template)).toBe(true);
    expect(called()).toEqual([`try-restart teredo-relay ${instances}`]);
    expect(runScript(join(root, 'root/uninstall.sh'), relay.uninstall).status).toBe(0);
    expect(called()).toEqual([`stop teredo-relay ${instances}`]);
    expect([existsSync(template), existsSync(link())]).toEqual([false, false]);
  });
});

describe.runIf(isRoot)('a purge', () => {
  const purgeBy: Readonly<Record<string, (role: Role) => ReturnType<typeof runScript>>> = {
    'a Debian package': (role) => runScript(join(root, 'root/postrm'), maintainerScripts(role)['postrm']!, ['purge']),
    'an archive': (role) => {
      const { uninstall: text } = installScripts({ role, architecture: 'x64', shared: [] });
      return runScript(join(root, 'root/uninstall.sh'), text, ['--purge']);
    },
  };

  it.each(Object.keys(purgeBy))('of %s keeps the secrets that another program uses', (kind) => {
    const secrets = roles.flatMap(secretsOf).map(({ path }) => path);
    expect(new Set(secrets).size).toBe(4);
    for (const path of secrets) writeFile(join(root, path), 'secret\n', 0o600);
    for (const role of roles) writeFile(join(root, `etc/navalis/${role}.toml`), '');
    const leftAfter = (role: Role): string[] => {
      // dpkg has removed it when it runs the script.
      rmSync(join(root, `etc/navalis/${role}.toml`));
      expect(purgeBy[kind]!(role)).toEqual({ status: 0, said: '' });
      const folder = join(root, 'etc/navalis');
      return existsSync(folder) ? readdirSync(folder).filter((name) => !name.endsWith('.toml')) : [];
    };
    expect(leftAfter('server')).toEqual(['http-token', 'secret', 'turn-credentials']);
    expect(leftAfter('client')).toEqual(['http-token', 'secret', 'turn-credentials']);
    expect(leftAfter('host-relay')).toEqual(['http-token']);
    expect(leftAfter('relay')).toEqual([]);
    expect(existsSync(join(root, 'etc/navalis'))).toBe(false);
  });
});

describe.each(roles)('the unit of the %s', (role) => {
  it('hands over each file with secrets that the sample configuration names', () => {
    const examples = keysOf(role)
      .filter(({ allowed }) => allowed.includes('its owner alone has access'))
      .map(({ example }) => example);
    expect(examples).toHaveLength(role === 'relay' ? 1 : role === 'server' ? 2 : 3);
    const paths = secretsOf(role).map(({ path }) => path);
    expect(paths.sort()).toEqual(examples.sort());
  });
});

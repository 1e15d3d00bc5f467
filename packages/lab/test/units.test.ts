import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { run } from '../src/command.ts';
import type { Role } from '../src/programs/navalis.ts';
import { repositoryPath } from '../src/repository.ts';
import { report } from './report.ts';

/** The exposure scale of systemd goes from 0 to 10; it calls 2 and less OK. */
const exposureLimit = 2;

const capabilities: readonly (readonly [role: Role, capability: string])[] = [
  ['client', 'CAP_NET_ADMIN'],
  ['server', 'CAP_NET_RAW'],
  ['relay', 'CAP_NET_ADMIN'],
  ['host-relay', 'CAP_NET_ADMIN'],
];

describe('systemd units', () => {
  const folder = mkdtempSync(join(tmpdir(), 'navalis-units-'));

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** A copy of the unit. */
  function place(role: Role): string {
    const path = join(folder, `teredo-${role}.service`);
    writeFileSync(path, unit(role));
    return path;
  }

  it.each(capabilities)('[SEC-38] teredo-%s.service: valid, %s alone, little exposed', (role, capability) => {
    const path = place(role);
    const verified = run('systemd-analyze', ['verify', '--man=no', path]);
    expect(`${verified.stdout}${verified.stderr}`).toBe('');
    expect(settings(role, 'AmbientCapabilities')).toEqual([capability]);
    expect(settings(role, 'CapabilityBoundingSet')).toEqual([capability]);
    expect(settings(role, 'DeviceAllow')).toEqual(role === 'server' ? [] : ['/dev/net/tun rw']);
    const judged = run('systemd-analyze', ['security', '--offline=true', '--no-pager', path]);
    const exposure = Number(/Overall exposure level for \S+: ([0-9.]+)/.exec(judged.stdout)?.[1]);
    report(`teredo-${role}.service: exposure ${exposure} of 10`);
    expect(exposure).toBeLessThanOrEqual(exposureLimit);
  });

  it('[SEC-38] teredo-relay@.service, the template for several relays: valid, and as little exposed', () => {
    const name = 'teredo-relay@.service';
    const path = join(folder, name.replace('@', '@1'));
    writeFileSync(path, readFileSync(repositoryPath(`apps/relay/systemd/${name}`), 'utf8'));
    const verified = run('systemd-analyze', ['verify', '--man=no', path]);
    expect(`${verified.stdout}${verified.stderr}`).toBe('');
    const judged = run('systemd-analyze', ['security', '--offline=true', '--no-pager', path]);
    expect(Number(/Overall exposure level for \S+: ([0-9.]+)/.exec(judged.stdout)?.[1])).toBeLessThanOrEqual(
      exposureLimit,
    );
  });

  it('[SEC-38] teredo-relay@.service is teredo-relay.service but for its instance', () => {
    const [one, template] = ['teredo-relay.service', 'teredo-relay@.service'].map((name) =>
      readFileSync(repositoryPath(`apps/relay/systemd/${name}`), 'utf8'),
    );
    const instance = one!
      .replace('Description=Teredo relay\n', 'Description=Teredo relay %i of several on this host\n')
      .replace(
        'ExecStart=/usr/bin/env teredo-relay\n',
        '# The configuration of each names its status socket in the folder below.\n' +
          'ExecStart=/usr/bin/env teredo-relay run --config /etc/navalis/relay-%i.toml\n',
      )
      .replace('/run/teredo-relay)', '/run/teredo-relay-%i)')
      .replace('teredo-relay status --json', 'teredo-relay status --config /etc/navalis/relay-%i.toml --json')
      .replace('RuntimeDirectory=teredo-relay\n', 'RuntimeDirectory=teredo-relay-%i\n');
    expect(template).toBe(instance);
  });

  it('are equal except for the differences between the programs', () => {
    const own = /^(#|Description=|.*CAP_NET_|Device|PrivateDevices=|\w+=.*\/navalis\/|SetCredential=|StateDirectory=)/;
    const [first, ...others] = capabilities.map(([role]) =>
      unit(role)
        .replaceAll(`teredo-${role}`, 'teredo')
        .split('\n')
        .filter((line) => line !== '' && !own.test(line)),
    );
    expect(others).toHaveLength(3);
    for (const other of others) expect(other).toEqual(first);
  });

  it('restart a program after every failure that may be temporary, without a limit', () => {
    for (const [role] of capabilities) {
      expect(settings(role, 'Restart')).toEqual(['on-failure']);
      expect(settings(role, 'RestartSec')).toEqual(['5']);
      expect(settings(role, 'RestartPreventExitStatus')).toEqual(['2 10']);
      expect(settings(role, 'StartLimitIntervalSec')).toEqual(['0']);
    }
  });

  it.each([
    ['client', ['secret', 'turn-credentials', 'http-token']],
    ['host-relay', ['secret', 'turn-credentials', 'http-token']],
    ['server', ['client-keys', 'http-token']],
    ['relay', ['http-token']],
  ] as const)('[SEC-28] teredo-%s.service: hands copies of the files %s of root to its program', (role, files) => {
    expect(settings(role, 'LoadCredential')).toEqual(files.map((file) => `etc-navalis-${file}:/etc/navalis/${file}`));
    // Without it a service would not start where there is no such file.
    expect(settings(role, 'SetCredential')).toEqual(files.map((file) => `etc-navalis-${file}:\\n`));
    const [copy, signal, ...more] = settings(role, 'ExecReload').slice(0, -1);
    expect(copy).toMatch(/^\+.* -m 0400 /);
    expect(copy).toContain(`for name in ${files.join(' ')}; do`);
    expect(copy).toContain('/etc/navalis/$$name /run/navalis/%n/etc-navalis-$$name');
    expect([signal, ...more]).toEqual(['/bin/kill -HUP $MAINPID']);
    expect(settings(role, 'ExecStopPost')).toEqual(['+-/bin/rm -rf /run/navalis/%n']);
  });

  it('start when the program says so, are watched, and wait for the end of a reload', () => {
    for (const [role] of capabilities) {
      expect(settings(role, 'Type')).toEqual(['notify']);
      expect(settings(role, 'NotifyAccess')).toEqual(['main']);
      expect(settings(role, 'WatchdogSec')).toEqual(['30']);
      // The watchdog ends it by SIGABRT.
      expect(settings(role, 'LimitCORE')).toEqual(['0']);
      const [signal, answer] = settings(role, 'ExecReload').slice(-2);
      expect(signal).toBe('/bin/kill -HUP $MAINPID');
      expect(answer).toBe(`-/bin/sh -c 'exec teredo-${role} status --json >/dev/null 2>&1'`);
    }
  });

  it('find the program of the prefix into which npm installed them, and else one in the usual folders', () => {
    for (const [role] of capabilities) {
      expect(settings(role, 'ExecStart')).toEqual([`/usr/bin/env teredo-${role}`]);
      expect(settings(role, 'Environment')).toEqual([
        'PATH=%Y/../../.bin:%Y/../../../../bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin',
      ]);
    }
  });

  it('put their status sockets at the default paths of the programs', () => {
    for (const [role] of capabilities) expect(settings(role, 'RuntimeDirectory')).toEqual([`teredo-${role}`]);
  });

  it.each(['client', 'host-relay'] as const)(
    '[UPNP-03] teredo-%s.service: keeps its state where the program has it by default',
    (role) => {
      expect(settings(role, 'StateDirectory')).toEqual([`teredo-${role}`]);
    },
  );
});

function unit(role: Role): string {
  return readFileSync(repositoryPath(`apps/${role}/systemd/teredo-${role}.service`), 'utf8');
}

function settings(role: Role, name: string): string[] {
  return [...unit(role).matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map((match) => match[1]!);
}

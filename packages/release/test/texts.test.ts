import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { keysOf, roles } from '@navalis/config';
import { commandDescriptions } from '@navalis/runtime';
import { parse } from 'smol-toml';
import { afterAll, describe, expect, it } from 'vitest';
import { repositoryPath } from '../src/repository.ts';
import { sharedFiles } from '../src/texts/files.ts';
import { sampleConfiguration } from '../src/texts/sample-configuration.ts';
import { unitsFor } from '../src/texts/unit.ts';

const folder = mkdtempSync(join(tmpdir(), 'navalis-texts-'));
const date = new Date('2026-11-26T00:00:00Z');

afterAll(() => rmSync(folder, { recursive: true }));

const pages = roles.flatMap((role) =>
  Object.entries(sharedFiles(role, date))
    .filter(([path]) => path.startsWith('man/'))
    .map(([path, text]) => ({ role, name: basename(path), text })),
);

/** Returns a page as man shows it; fails on a warning. */
function shown(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  const { stdout, stderr, status } = spawnSync('man', ['--warnings', '--local-file', path], {
    encoding: 'utf8',
    env: { ...process.env, MANWIDTH: '200', LC_ALL: 'C.UTF-8', MAN_KEEP_FORMATTING: '' },
  });
  expect([status, stderr]).toEqual([0, '']);
  const lint = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', path], { encoding: 'utf8' });
  expect([lint.status, lint.stdout]).toEqual([0, '']);
  return stdout;
}

describe.each(pages)('the manual page $name', ({ role, name, text }) => {
  it('is shown by man and mandoc without a warning, and names every key', () => {
    const page = shown(name, text);
    const isProgramPage = name.endsWith('.8');
    expect(keysOf(role).length).toBeGreaterThan(10);
    for (const key of keysOf(role))
      expect(page).toContain(isProgramPage ? `\n     --${key.name} ` : `\n     ${key.name} = `);
    if (!isProgramPage) return;
    for (const command of commandDescriptions(role)) {
      expect(page).toMatch(new RegExp(`\\n     ${command.name}\\b`));
      for (const option of command.options) expect(page).toContain(`\n     ${option.name.replace(/[<>]/g, '')}`);
    }
    expect(page).toMatch(/\n {5}1 +Failure: [\s\S]*? for ping no reply; for decode nothing/);
    expect(page).toMatch(/\n {5}10 +Permanent failure/);
    const ofDiagnose = [...page.matchAll(/\n {5}(\d+) +The command diagnose: /g)].map(([, status]) => status);
    const hasState = role === 'client' || role === 'host-relay';
    expect(ofDiagnose).toEqual(hasState ? ['3', '4', '5', '6', '7', '8', '9'] : []);
    expect(page.includes(`\n     /var/lib/teredo-${role}\n`)).toBe(hasState);
    expect(page).toContain('\n     /etc/navalis/http-token\n');
    expect(page.includes('/etc/navalis/client-keys')).toBe(role === 'server');
    if (role === 'client') expect(page).not.toMatch(/--route-metric.*\n.*relay/);
    expect(page).toContain(`teredo-${role}.toml(5)`);
    expect(page).toContain('November 26, 2026');
  });
});

describe.each(roles)('the sample configuration of the %s', (role) => {
  const sample = sampleConfiguration(role);

  it('sets nothing', () => expect(parse(sample)).toEqual({}));

  it('shows each key once, with a value that it takes', () => {
    const shownKeys = parse(sample.replace(/^#(?=[a-z0-9-]+ = )/gm, ''));
    expect(Object.keys(shownKeys).sort()).toEqual(
      keysOf(role)
        .map(({ name }) => name as string)
        .sort(),
    );
    for (const key of keysOf(role))
      expect([key.name, key.schema.safeParse(shownKeys[key.name]).error]).toEqual([key.name, undefined]);
  });
});

describe('the template for several relays', () => {
  const [unit = '', template = ''] = Object.values(unitsFor('relay', '/usr/bin/teredo-relay'));

  it('is the unit of a relay, but for what belongs to one of several', () => {
    const own = /^(#|Description=)/;
    const lines = (text: string) => text.split('\n').filter((line) => !own.test(line));
    const expected = lines(unit).map((line) =>
      line
        .replace(/^(ExecStart=.*)$/, '$1 run --config /etc/navalis/relay-%i.toml')
        .replace('teredo-relay status', 'teredo-relay status --config /etc/navalis/relay-%i.toml')
        .replace('/run/teredo-relay)', '/run/teredo-relay-%i)')
        .replace(/^(RuntimeDirectory=.*)$/, '$1-%i'),
    );
    expect(lines(template)).toEqual(expected);
    expect(template).toContain('\nExecStart=/usr/bin/teredo-relay run --config /etc/navalis/relay-%i.toml\n');
    expect(template).not.toContain('/usr/bin/env');
    expect(Object.keys(unitsFor('client', '/usr/bin/teredo-client'))).toEqual(['teredo-client.service']);
  });

  it('has its status socket where the configuration of the guide has it', () => {
    const guide = readFileSync(repositoryPath('docs/operate/relays.md'), 'utf8');
    const [, socket = ''] = /^status-socket = "\/run\/(.*)-1\/control\.sock"$/m.exec(guide)!;
    expect(template).toContain(`\nRuntimeDirectory=${socket}-%i\n`);
    expect(guide).toContain('# /etc/navalis/relay-1.toml');
  });
});

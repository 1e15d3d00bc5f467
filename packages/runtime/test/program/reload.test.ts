import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '@navalis/config';
import { createLogger } from '@navalis/telemetry';
import { afterEach, describe, expect, it } from 'vitest';
import { ReloadRefusal, reload } from '../../src/program/reload.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'navalis-reload-'));
  folders.push(folder);
  return folder;
}

async function start(text: string, role: 'client' | 'server' | 'host-relay' = 'client') {
  const path = join(temporaryFolder(), 'client.toml');
  writeFileSync(path, text);
  const sources = { config: path, values: new Map() };
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) };
  const logger = await createLogger({ level: 'info', format: 'json', destination });
  const first = loadConfiguration(role, sources);
  return { path, sources, lines, logger, first };
}

describe('reading the configuration again', () => {
  it('applies the log level, and names the other changed keys', async () => {
    const { path, sources, lines, logger, first } = await start('server = "a.example"');
    writeFileSync(path, 'server = "a.example"\ninterface = "teredo1"\nlog-level = "debug"');
    const second = reload(first, sources, logger);
    expect(logger.level).toBe('debug');
    expect(lines).toEqual([
      'Configuration read again: interface, log-level changed.',
      'These keys take effect at the next start: interface.',
    ]);
    reload(second, sources, logger);
    expect(lines.slice(2)).toEqual([
      'Configuration read again: interface changed.',
      'These keys take effect at the next start: interface.',
    ]);
  });

  it('applies the program for events', async () => {
    const { path, sources, lines, logger, first } = await start('server = "a.example"\non-event = "/opt/hook"');
    writeFileSync(path, 'server = "a.example"\non-event = ["/opt/hook", "-v"]\non-event-timeout = 5');
    expect(reload(first, sources, logger).hook).toEqual({ command: ['/opt/hook', '-v'], timeoutMs: 5_000 });
    writeFileSync(path, 'server = "a.example"');
    expect(reload(first, sources, logger).hook).toBeUndefined();
    expect(lines).toEqual([
      'Configuration read again: on-event, on-event-timeout changed.',
      'Configuration read again: on-event changed.',
    ]);
  });

  it('remembers a refusal, for status and health, until a reload succeeds', async () => {
    const { path, sources, logger, first } = await start('server = "a.example"');
    let now = 0;
    let startedAt = Date.UTC(2026, 0, 1);
    const refusal = new ReloadRefusal({ boot: () => now, wall: () => startedAt + now });
    expect(refusal.report).toBeUndefined();
    writeFileSync(path, 'log-level = "loud"');
    reload(first, sources, logger, refusal);
    now += 60_000;
    writeFileSync(path, 'log-level = "louder"');
    reload(first, sources, logger, refusal);
    const { since, sentence } = refusal.report!;
    expect(since).toBe('2026-01-01T00:00:00.000Z');
    expect(sentence).toMatch(/^The configuration stays as it was: .*"louder"/);
    startedAt = Date.UTC(2026, 0, 2);
    expect(refusal.report?.since).toBe('2026-01-02T00:00:00.000Z');
    writeFileSync(path, 'server = "a.example"');
    reload(first, sources, logger, refusal);
    expect(refusal.report).toBeUndefined();
  });

  it('changes nothing on a mistake', async () => {
    const { path, sources, lines, logger, first } = await start('server = "a.example"');
    writeFileSync(path, 'server = "a.example"\nlog-level = "loud"');
    expect(reload(first, sources, logger)).toBe(first);
    expect(logger.level).toBe('info');
    expect(lines[0]).toMatch(/^The configuration stays as it was: log-level = "loud"/);
  });

  const oldSecret = 'kq2zVvwz1xPDCkNq7mGGfQ';
  const newSecret = '5ImYlvWfcvXk3a3vxL1w9A';

  function secretFile(text: string): string {
    const path = join(temporaryFolder(), 'secret');
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  it.each(['client', 'host-relay'] as const)(
    'says that the secret of a %s changed, and waits for the next start',
    async (role) => {
      const secret = secretFile(oldSecret);
      const mode = role === 'host-relay' ? 'mode = "auto"\n' : '';
      const text = `${mode}server = "a.example"\nclient-identifier = "alice"\nsecret-file = "${secret}"`;
      const { sources, lines, logger, first } = await start(text, role);
      reload(first, sources, logger);
      expect(lines.splice(0)).toEqual(['Configuration read again: nothing changed.']);
      writeFileSync(secret, `${newSecret}\n`);
      reload(reload(first, sources, logger), sources, logger);
      const again = [
        'Configuration read again: secret-file changed.',
        'These keys take effect at the next start: secret-file.',
      ];
      expect(lines).toEqual([...again, ...again]);
    },
  );

  it.each([
    ['another secret', `alice hmac-sha1 ${newSecret}`],
    ['another algorithm', `alice hmac-sha256 ${oldSecret}`],
    ['another client', `bob hmac-sha1 ${oldSecret}`],
    ['one more client', `alice hmac-sha1 ${oldSecret}\nbob hmac-sha1 ${newSecret}`],
    ['a secret to be renewed', `alice hmac-sha1 ${oldSecret} renew`],
  ])("takes over a server's client-keys with %s, and says once that they changed", async (_, keys) => {
    const path = secretFile(`alice hmac-sha1 ${oldSecret}\n`);
    const { sources, lines, logger, first } = await start(
      `primary-address = "8.8.8.8"\nclient-keys = "${path}"`,
      'server',
    );
    writeFileSync(path, `# A comment is no change.\nalice  hmac-sha1  ${oldSecret}\n`);
    const same = reload(first, sources, logger);
    writeFileSync(path, `${keys}\n`);
    const next = reload(same, sources, logger);
    expect(next).toMatchObject({ role: 'server' });
    expect(next).not.toEqual(first);
    reload(next, sources, logger);
    expect(lines).toEqual([
      'Configuration read again: nothing changed.',
      'Configuration read again: client-keys changed.',
      'Configuration read again: nothing changed.',
    ]);
    expect(JSON.stringify(lines)).not.toContain(oldSecret);
  });
});

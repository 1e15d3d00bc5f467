import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '@navalis/config';
import { createLogger } from '@navalis/telemetry';
import { describe, expect, it } from 'vitest';
import { reload } from '../src/control/reload.ts';

async function start(text: string) {
  const path = join(mkdtempSync(join(tmpdir(), 'navalis-reload-')), 'client.toml');
  writeFileSync(path, text);
  const sources = { config: path, values: new Map() };
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) };
  const logger = await createLogger({ level: 'info', format: 'json', destination });
  const first = loadConfiguration('client', sources);
  return { path, sources, lines, logger, first };
}

describe('reading the configuration again', () => {
  it('applies the log level, and says what else changed and waits', async () => {
    const { path, sources, lines, logger, first } = await start('server = "a.example"');
    writeFileSync(path, 'server = "b.example"\nlog-level = "debug"');
    const second = reload(first, sources, logger);
    expect(logger.level).toBe('debug');
    expect(lines).toEqual([
      'Configuration read again: server, log-level changed.',
      'What takes effect at the next start only: server.',
    ]);
    reload(second, sources, logger);
    expect(lines.slice(2)).toEqual([
      'Configuration read again: server changed.',
      'What takes effect at the next start only: server.',
    ]);
  });

  it('changes nothing on a mistake', async () => {
    const { path, sources, lines, logger, first } = await start('server = "a.example"');
    writeFileSync(path, 'server = "a.example"\nlog-level = "loud"');
    expect(reload(first, sources, logger)).toBe(first);
    expect(logger.level).toBe('info');
    expect(lines[0]).toMatch(/^The configuration stays as it was: log-level = "loud"/);
  });
});

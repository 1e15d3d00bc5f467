import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../src/index.ts';

function collector() {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _, done) {
      lines.push(String(chunk));
      done();
    },
  });
  return { lines, destination };
}

describe('the logger', () => {
  it('writes one JSON object per line', async () => {
    const { lines, destination } = collector();
    const logger = await createLogger({ level: 'info', format: 'json', destination });
    logger.info({ event: 'started' }, 'It runs.');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: 30, event: 'started', msg: 'It runs.' });
  });

  it('writes sentences without fields for people', async () => {
    const { lines, destination } = collector();
    const logger = await createLogger({ level: 'info', format: 'pretty', destination });
    logger.warn({ event: 'started' }, 'It runs.');
    expect(lines.join('')).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] WARN: It runs\.\n$/);
  });

  it.each(['json', 'pretty'] as const)('shows each line that it writes to an observer: %s', async (format) => {
    const { lines, destination } = collector();
    const observed: unknown[] = [];
    const observe = (line: unknown) => observed.push(line);
    const logger = await createLogger({ level: 'info', format, destination, observe });
    logger.warn({ event: 'started' }, 'It runs.');
    logger.info('It still runs.');
    logger.debug('Not this one.');
    expect(observed).toEqual([
      { level: 'warn', event: 'started', sentence: 'It runs.' },
      { level: 'info', event: undefined, sentence: 'It still runs.' },
    ]);
    expect(lines).toHaveLength(2);
  });

  it('leaves out lines below its level', async () => {
    const { lines, destination } = collector();
    const logger = await createLogger({ level: 'warn', format: 'json', destination });
    logger.info('It runs.');
    expect(lines).toEqual([]);
    logger.level = 'info';
    logger.info('It runs.');
    expect(lines).toHaveLength(1);
  });
});

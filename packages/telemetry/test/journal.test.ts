import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger, failureLine, type LoggerOptions } from '../src/index.ts';

describe('lines for the systemd journal', () => {
  let folder: string;
  let path: string;
  let descriptor: number;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'navalis-journal-'));
    path = join(folder, 'log');
    descriptor = openSync(path, 'w');
    vi.stubEnv('JOURNAL_STREAM', streamOf(descriptor));
  });

  afterEach(() => {
    vi.unstubAllEnvs();
    closeSync(descriptor);
    rmSync(folder, { recursive: true });
  });

  /** Device and inode in the format of systemd. */
  function streamOf(open: number): string {
    const { dev, ino } = fstatSync(open, { bigint: true });
    return `${dev}:${ino}`;
  }

  const loggerFor = (format: LoggerOptions['format'], level = 'info') => createLogger({ level, format, descriptor });
  const written = () => readFileSync(path, 'utf8');

  it('has a priority on each line, and neither a time nor a level of its own', async () => {
    const logger = await loggerFor('pretty', 'trace');
    logger.trace('One.');
    logger.debug('Two.');
    logger.info({ event: 'started' }, 'Three.');
    logger.warn('Four.');
    logger.error('Five.');
    logger.fatal('Six.');
    expect(written()).toBe('<7>One.\n<7>Two.\n<6>Three.\n<4>Four.\n<3>Five.\n<2>Six.\n');
  });

  it('is one line, also if the sentence has line breaks', async () => {
    (await loggerFor('pretty')).error('It failed:\n  for a reason.\n');
    expect(written()).toBe('<3>It failed: for a reason.\n');
  });

  it('is an object behind its priority, without a time, where JSON is configured', async () => {
    const logger = await loggerFor('json');
    logger.debug('Unsaid.');
    logger.warn({ event: 'off-line' }, 'Off-line.');
    expect(written()).toMatch(/^<4>\{.*\}\n$/);
    expect(JSON.parse(written().slice(3))).toEqual({ level: 40, event: 'off-line', msg: 'Off-line.' });
  });

  it.each([
    ['another stream', () => streamOf(descriptor).replace(/.$/, (digit) => String((Number(digit) + 1) % 10))],
    ['a longer number', () => `${streamOf(descriptor)}0`],
    ['nothing', () => ''],
  ])('is not assumed when JOURNAL_STREAM names %s', async (_, stream) => {
    vi.stubEnv('JOURNAL_STREAM', stream());
    (await loggerFor('pretty')).warn('It runs.');
    expect(written()).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] WARN: It runs\.\n$/);
    expect(failureLine('It failed.', descriptor)).toBe('It failed.\n');
  });

  it('is not assumed when the descriptor is closed', () => {
    expect(failureLine('It failed.', 987_654)).toBe('It failed.\n');
  });

  it('gives a failure that ends a program the priority of an error', () => {
    expect(failureLine('It failed.', descriptor)).toBe('<3>It failed.\n');
  });
});

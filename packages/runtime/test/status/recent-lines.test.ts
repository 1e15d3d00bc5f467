import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { hostTime } from '../../src/scheduling/time.ts';
import { explanationsOf } from '../../src/status/explanations.ts';
import { RecentLines } from '../../src/status/recent-lines.ts';
import { startStatusServer } from '../../src/status/status-server.ts';

const directory = mkdtempSync(join(tmpdir(), 'navalis-lines-'));
afterAll(() => rmSync(directory, { recursive: true }));
const wall = () => Date.parse('2026-01-01T00:00:00Z');
const numbers = (lines: RecentLines, after: number) => lines.after(after).events.map(({ number }) => number);

describe('the last lines of the log', () => {
  it('have number, time, level, kind and sentence', () => {
    const lines = new RecentLines({ wall });
    expect(lines.after(0)).toEqual({ events: [], last: 0 });
    lines.record({ level: 'warn', event: 'off-line', sentence: 'Off-line.' });
    lines.record({ level: 'info', event: undefined, sentence: 'x'.repeat(5_000) });
    const at = '2026-01-01T00:00:00.000Z';
    expect(lines.after(0)).toEqual({
      events: [
        { number: 1, at, level: 'warn', kind: 'off-line', sentence: 'Off-line.' },
        { number: 2, at, level: 'info', kind: 'log', sentence: 'x'.repeat(1_000) },
      ],
      last: 2,
    });
    expect(lines.after(1).events).toMatchObject([{ number: 2 }]);
    expect(lines.after(2)).toEqual({ events: [], last: 2 });
  });

  it('are the last 256, the oldest first', () => {
    const lines = new RecentLines({ wall });
    for (let line = 1; line <= 1_000; line++) lines.record({ level: 'info', event: undefined, sentence: `${line}` });
    const { events, last } = lines.after(0);
    expect([events.length, events[0]?.number, events.at(-1)?.sentence, last]).toEqual([256, 745, '1000', 1_000]);
    expect(numbers(lines, 998)).toEqual([999, 1_000]);
  });

  it('are all sent to a reader of an earlier run', () => {
    const lines = new RecentLines({ wall });
    lines.record({ level: 'info', event: 'started', sentence: 'Started.' });
    expect(numbers(lines, 500)).toEqual([1]);
  });
});

it('the status server serves lines and explanations', async () => {
  const socketPath = join(directory, 'status.sock');
  const lines = new RecentLines({ wall });
  for (const sentence of ['One.', 'Two.']) lines.record({ level: 'info', event: 'started', sentence });
  const server = await startStatusServer({
    role: 'relay',
    version: '1.2.3',
    socketPath,
    http: undefined,
    httpToken: undefined,
    httpNames: [],
    late: { time: hostTime, warn: () => undefined, fail: () => undefined },
    lines,
    peerAccess: () => undefined,
    report: () => Promise.reject(new Error('not asked')),
  });
  const ask = (path: string) =>
    new Promise<{ status: number | undefined; body: unknown }>((resolve, reject) => {
      get({ socketPath, path }, (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode, body: JSON.parse(text) }));
      }).on('error', reject);
    });
  expect(await ask('/events')).toMatchObject({
    status: 200,
    body: { events: [{ number: 1 }, { number: 2 }], last: 2 },
  });
  expect(await ask('/events?after=1')).toMatchObject({ body: { events: [{ sentence: 'Two.' }], last: 2 } });
  for (const after of ['x', '-1', '1.5', '', '9'.repeat(16)]) {
    expect([after, (await ask(`/events?after=${after}`)).status]).toEqual([after, 400]);
  }
  expect(await ask('/explanations')).toEqual({
    status: 200,
    body: JSON.parse(JSON.stringify(explanationsOf('relay'))),
  });
  expect(explanationsOf('relay').drops['not-for-us'].cure).toMatch(/\.$/);
  await server.close();
});

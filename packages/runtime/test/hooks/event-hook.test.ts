import type { HookConfiguration } from '@navalis/config';
import { createLogger } from '@navalis/telemetry';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventHook } from '../../src/hooks/event-hook.ts';
import type { HookEnding } from '../../src/hooks/run-hook.ts';
import { hostTime } from '../../src/scheduling/time.ts';

const hook: HookConfiguration = { command: ['/opt/hook', '--fast'], timeoutMs: 10_000 };

beforeEach(() => void vi.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00.000Z') }));
afterEach(() => void vi.useRealTimers());

async function hookWithRuns(configuration: HookConfiguration | undefined = hook) {
  const lines: { level: number; msg: string }[] = [];
  const destination = { write: (text: string) => void lines.push(JSON.parse(text) as { level: number; msg: string }) };
  const logger = await createLogger({ level: 'debug', format: 'json', destination });
  const runs: { hook: HookConfiguration; input: unknown; isKilled: boolean; end: (ending: HookEnding) => void }[] = [];
  const subject = new EventHook(configuration, {
    role: 'client',
    version: '1.2.3',
    logger,
    time: hostTime,
    run: (given, input) => {
      let end: (ending: HookEnding) => void = () => undefined;
      const ended = new Promise<HookEnding>((resolve) => {
        end = resolve;
      });
      const run = { hook: given, input: JSON.parse(input), isKilled: false, end };
      runs.push(run);
      return {
        ended,
        kill: () => {
          run.isKilled = true;
        },
      };
    },
  });
  const finish = async (ending: HookEnding = { kind: 'done' }) => {
    runs.at(-1)!.end(ending);
    await vi.advanceTimersByTimeAsync(0);
  };
  return { subject, runs, lines, finish, log: () => lines.map(({ msg }) => msg) };
}

describe('the program of the key on-event', () => {
  it('gets each event as one JSON document, one at a time and in order', async () => {
    const { subject, runs, finish } = await hookWithRuns();
    subject.tell({ event: 'started' });
    subject.tell({ event: 'address-lost', address: '2001::1' });
    expect(runs).toHaveLength(1);
    const head = { number: 1, leftOut: 0, at: '2026-01-01T00:00:00.000Z', role: 'client', version: '1.2.3' };
    expect(runs[0]).toMatchObject({ hook, input: { event: 'started', ...head } });
    await finish();
    expect(runs[1]!.input).toEqual({ event: 'address-lost', ...head, number: 2, address: '2001::1' });
    await finish();
    expect(runs).toHaveLength(2);
  });

  it('does not run without the key, and is another one after a reload', async () => {
    const { subject, runs, finish } = await hookWithRuns();
    subject.tell({ event: 'started' });
    subject.reconfigure({ command: ['/opt/other'], timeoutMs: 1_000 });
    await finish();
    subject.tell({ event: 'stopped' });
    expect(runs[1]!.hook.command).toEqual(['/opt/other']);
    subject.tell({ event: 'stopped' });
    subject.reconfigure(undefined);
    await finish();
    subject.tell({ event: 'stopped' });
    expect(runs).toHaveLength(2);
  });

  it('leaves out events beyond 32 waiting ones, and counts them for the program and in the log', async () => {
    const { subject, runs, finish, log } = await hookWithRuns();
    for (let count = 0; count < 40; count++) subject.tell({ event: 'started' });
    await finish();
    subject.tell({ event: 'stopped' });
    expect(log()).toContain('7 events were left out for the program of on-event: it was too slow.');
    for (let count = 0; count < 32; count++) await finish();
    expect(runs).toHaveLength(34);
    expect(runs.at(-1)!.input).toMatchObject({ event: 'stopped', number: 41, leftOut: 7 });
  });

  it.each<[string, HookEnding, RegExp]>([
    [
      'a status',
      { kind: 'failed', status: 3, lastLine: 'no such zone' },
      /^The program \/opt\/hook \(key on-event\) ended with status 3 for the event started\. .*: no such zone$/,
    ],
    [
      'a signal',
      { kind: 'failed', status: 'SIGSEGV', lastLine: '' },
      /ended with signal SIGSEGV for the event started\.$/,
    ],
    ['the limit', { kind: 'timed-out', lastLine: '' }, /did not end within 10 s for the event started, and was killed/],
    ['no such file', { kind: 'not-started', reason: 'ENOENT' }, /cannot be run for the event started \(ENOENT\)/],
  ])('logs %s as a warning, and goes on', async (_, ending, sentence) => {
    const { subject, runs, finish, lines } = await hookWithRuns();
    subject.tell({ event: 'started' });
    await finish(ending);
    expect(lines).toEqual([expect.objectContaining({ level: 40, msg: expect.stringMatching(sentence) })]);
    subject.tell({ event: 'stopped' });
    expect(runs).toHaveLength(2);
  });

  it('gets the last events when the role ends, within 5 s', async () => {
    const { subject, runs, finish, log } = await hookWithRuns();
    await subject.close();
    const slow = await hookWithRuns();
    for (let count = 0; count < 3; count++) slow.subject.tell({ event: 'stopped' });
    let isClosed = false;
    const closed = slow.subject.close().then(() => {
      isClosed = true;
    });
    slow.subject.tell({ event: 'started' });
    await slow.finish();
    await vi.advanceTimersByTimeAsync(4_900);
    expect([isClosed, slow.runs.length]).toEqual([false, 2]);
    await vi.advanceTimersByTimeAsync(200);
    await closed;
    expect(slow.runs[1]!.isKilled).toBe(true);
    expect(slow.log()).toContain('1 event was left out for the program of on-event: the program ends.');
    subject.tell({ event: 'started' });
    await finish().catch(() => undefined);
    expect([runs, log()]).toEqual([[], []]);
  });
});

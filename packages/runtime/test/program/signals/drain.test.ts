import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { healthOf } from '../../../src/health/degraded-report.ts';
import type { HostEvent } from '../../../src/hooks/host-event.ts';
import { Drain } from '../../../src/program/signals/drain.ts';
import { stateSentence } from '../../../src/systemd/state-sentence.ts';
import { fakeTime, relayReport, wholeReport } from '../../fakes.ts';

function drained(isServing = true) {
  const log: string[] = [];
  const events: HostEvent[] = [];
  const calls: string[] = [];
  const drain = new Drain({
    logger: { info: (_: unknown, sentence: string) => void log.push(sentence) } as never,
    time: fakeTime,
    events: { tell: (event) => void events.push(event) },
    begin: () => {
      calls.push('begin');
      return isServing;
    },
    begun: (drainMs) => void calls.push(`begun ${drainMs}`),
    finish: () => void calls.push('finish'),
  });
  return { drain, log, events, calls };
}

beforeEach(() => void vi.useFakeTimers({ now: Date.parse('2026-11-26T10:00:00Z') }));
afterEach(() => void vi.useRealTimers());

describe('[RT-08] a drain', () => {
  it('ends the program after its time, and says so meanwhile', async () => {
    const { drain, log, events, calls } = drained();
    expect(drain.shownIn(relayReport)).toBe(relayReport);
    expect(drain.begin(30_000)).toBe(true);
    expect(calls).toEqual(['begin', 'begun 30000']);
    expect(log).toEqual(['Draining on SIGTERM: stopping in 30 s. Another signal stops at once.']);
    expect(events).toEqual([{ event: 'draining', until: '2026-11-26T10:00:30.000Z' }]);
    const shown = drain.shownIn(relayReport);
    expect(shown).toMatchObject({
      state: 'draining',
      since: '2026-11-26T10:00:00.000Z',
      drainsUntil: '2026-11-26T10:00:30.000Z',
    });
    expect(stateSentence(shown)).toBe('Draining until 2026-11-26T10:00:30.000Z.');
    expect(healthOf(wholeReport(shown))).toMatchObject({
      isHealthy: false,
      body: { state: 'draining', cause: { reason: 'draining' } },
    });
    vi.setSystemTime('2026-11-26T11:00:00Z');
    expect(drain.shownIn(relayReport)).toMatchObject({ drainsUntil: '2026-11-26T11:00:30.000Z' });
    await vi.advanceTimersByTimeAsync(29_900);
    expect(calls).not.toContain('finish');
    await vi.advanceTimersByTimeAsync(100);
    expect(calls).toEqual(['begin', 'begun 30000', 'finish']);
  });

  it('begins once: the next signal stops at once', () => {
    const { drain } = drained();
    expect(drain.begin(30_000)).toBe(true);
    expect(drain.begin(30_000)).toBe(false);
    drain.end();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not begin without a time, or for a role that serves nobody', () => {
    expect(drained().drain.begin(0)).toBe(false);
    const { drain, events } = drained(false);
    expect(drain.begin(30_000)).toBe(false);
    expect(events).toEqual([]);
    expect(drain.shownIn(relayReport)).toBe(relayReport);
  });
});

import type { NavalisError } from '@navalis/engine';
import { createLogger } from '@navalis/telemetry';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Sunset } from '../../src/program/sunset.ts';
import { hostTime } from '../../src/scheduling/time.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const end = Date.parse('2027-07-01T00:00:00Z');
const day = 86_400_000;

async function recorder() {
  const lines: { level: number; msg: string }[] = [];
  const destination = { write: (text: string) => void lines.push(JSON.parse(text)) };
  return { lines, logger: await createLogger({ level: 'info', format: 'json', destination }) };
}

describe('the end of service', () => {
  it('[CL-U-12][SV-C-10] is announced in the log, as a warning when it is near', async () => {
    const { lines, logger } = await recorder();
    const sunset = new Sunset('2027-06-30');
    sunset.announce(logger, end - 31 * day);
    sunset.announce(logger, end - 30 * day);
    sunset.announce(logger, end - 1);
    expect(lines.map((line) => line.level)).toEqual([30, 40, 40]);
    expect(lines[2]!.msg).toBe('Service ends after 2027-06-30, today.');
  });

  it('[CL-U-12] refuses a start afterwards and says why', async () => {
    const { logger } = await recorder();
    expect(() => new Sunset('2027-06-30').announce(logger, end)).toThrow(
      expect.objectContaining({
        code: 'sunset',
        message: 'Service ended after 2027-06-30 (key sunset).',
      }) as NavalisError,
    );
  });

  it('[CL-U-12] ends a running program, and reminds of it each day until then', async () => {
    const { lines, logger } = await recorder();
    const failures: NavalisError[] = [];
    let now = end - 2.5 * day;
    const unwatch = new Sunset('2027-06-30').watch(logger, (error) => failures.push(error), {
      ...hostTime,
      wall: () => now,
    });
    const pass = (ms: number) => {
      for (let passed = 0; passed < ms; passed += 60_000) {
        now += 60_000;
        vi.advanceTimersByTime(60_000);
      }
    };
    pass(2.4 * day);
    expect([lines.length, failures.length]).toEqual([2, 0]);
    pass(day);
    expect(failures.map((error) => error.code)).toEqual(['sunset']);
    unwatch();
    expect(vi.getTimerCount()).toBe(0);
  });
});

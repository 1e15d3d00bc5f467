import { describe, expect, it } from 'vitest';
import { type Blocker, ClientLife, firstReturnMs, flapWindowMs, longestReturnMs } from '../src/client-life.ts';

const native: Blocker = { reason: 'native-ipv6', evidence: '2a00:1::1' };
const managed: Blocker = { reason: 'managed-network', evidence: '/etc/krb5.keytab' };

/** Lets the blocker go at `now`; answers when the client is back. */
function comeBack(life: ClientLife, now: number): number {
  life.observe(undefined, now);
  const back = life.nextDeadline();
  life.handleDeadline(back - 1);
  expect(life.blocker).toBeDefined();
  life.handleDeadline(back);
  expect(life.blocker).toBeUndefined();
  return back;
}

describe('the life of a client', () => {
  it('[CL-U-01] begins disabled with a blocker, and enabled without a wait when there is none', () => {
    expect(new ClientLife(native).blocker).toEqual(native);
    expect(new ClientLife(native).nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    expect(new ClientLife(undefined).blocker).toBeUndefined();
    expect(new ClientLife(undefined).nextDeadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it('waits for nothing while it is enabled and there is no blocker', () => {
    const life = new ClientLife(undefined);
    life.observe(undefined, 5);
    expect(life.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it('[CL-U-05] is disabled at once, and enabled when the blocker was gone for a while', () => {
    const life = new ClientLife(undefined);
    life.observe(native, 5);
    expect(life.blocker).toEqual(native);
    expect(comeBack(life, 1_000)).toBe(1_000 + firstReturnMs);
    expect(life.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it('does not come back when the blocker returns within the while', () => {
    const life = new ClientLife(native);
    life.observe(undefined, 0);
    life.observe(native, firstReturnMs - 1);
    expect(life.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    life.handleDeadline(firstReturnMs);
    expect(life.blocker).toEqual(native);
  });

  it('news that there is still no blocker do not lengthen the wait', () => {
    const life = new ClientLife(native);
    life.observe(undefined, 0);
    life.observe(undefined, firstReturnMs - 1);
    expect(life.nextDeadline()).toBe(firstReturnMs);
  });

  it('names the latest blocker', () => {
    const life = new ClientLife(native);
    life.observe(managed, 0);
    expect(life.blocker).toEqual(managed);
  });

  it('waits longer and longer for a network that comes and goes, within a bound, until it has been steady', () => {
    const life = new ClientLife(native);
    const waits: number[] = [];
    let now = 0;
    for (let round = 0; round < 8; round++) {
      const back = comeBack(life, now);
      waits.push(back - now);
      now = back + 1_000;
      life.observe(native, now);
    }
    expect(waits.slice(0, 4)).toEqual([10_000, 20_000, 40_000, 80_000]);
    expect(Math.max(...waits)).toBe(longestReturnMs);
    expect(longestReturnMs).toBe(300_000);
    now = comeBack(life, now) + flapWindowMs;
    life.observe(native, now);
    expect(comeBack(life, now)).toBe(now + firstReturnMs);
  });

  it('still waits longer when a second blocker follows the first', () => {
    const life = new ClientLife(native);
    const now = comeBack(life, 0) + 1_000;
    life.observe(native, now);
    life.observe(managed, now);
    expect(comeBack(life, now)).toBe(now + 20_000);
  });

  it('is as steady after 300 s as it was at first, and not a moment before', () => {
    for (const [enabledMs, waitMs] of [
      [299_999, 20_000],
      [300_000, 10_000],
    ] as const) {
      const life = new ClientLife(native);
      const now = comeBack(life, 0) + enabledMs;
      life.observe(native, now);
      expect(comeBack(life, now)).toBe(now + waitMs);
    }
  });
});

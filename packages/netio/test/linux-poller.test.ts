import { describe, expect, it } from 'vitest';
import { LinuxPoller } from '../src/linux/linux-poller.ts';
import { testArena } from './offload/test-arena.ts';

const base = 0x10_0000;
const device = { descriptor: 9 };

/** A poller over a kernel in which the device is ready at the poll of that number, counted from 1. */
function pollerOver(readyAt: number) {
  const trace: string[] = [];
  const { arena } = testArena(2 ** 16, 1024);
  let polls = 0;
  const machine = {
    arena,
    calls: {
      poll: (entries: number, count: number, timeout: number) => {
        trace.push(`poll ${timeout}`);
        const isReady = ++polls === readyAt;
        for (let entry = 0; entry < count; entry++) {
          arena.uint16[(entries - base + entry * 8 + 6) >>> 1] = isReady && entry === 1 ? 1 : 0;
        }
        return isReady ? 1 : 0;
      },
      sched_yield: () => trace.push('yield'),
      eventfd: () => 3,
      read: () => 8,
      close: () => 0,
      errno: () => 0,
    },
  };
  const poller = new LinuxPoller(machine, () => undefined);
  return { trace, poller, index: poller.watch(device) };
}

describe('a poller that polls before it blocks', () => {
  it('yields between polls, and does not block when one finds something', () => {
    const { trace, poller, index } = pollerOver(3);
    expect(poller.wait(1000, 8)).toBe(1);
    expect(poller.isReady(index)).toBe(true);
    expect(trace).toEqual(['poll 0', 'yield', 'poll 0', 'yield', 'poll 0']);
  });

  it('blocks when no poll finds anything', () => {
    const { trace, poller } = pollerOver(3);
    expect(poller.wait(1000, 2)).toBe(1);
    expect(trace).toEqual(['poll 0', 'yield', 'poll 0', 'yield', 'poll 1000']);
  });

  it('polls once when it must not block', () => {
    const { trace, poller } = pollerOver(9);
    expect(poller.wait(-5, 8)).toBe(0);
    expect(trace).toEqual(['poll 0']);
  });

  it('blocks at once when it is not asked to poll first', () => {
    const { trace, poller } = pollerOver(9);
    expect(poller.wait(20)).toBe(0);
    expect(trace).toEqual(['poll 20']);
  });
});

import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { monitorHost } from '../../src/host/commands/ip-monitor.ts';
import { hostTime } from '../../src/scheduling/time.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

class FakeChild extends EventEmitter {
  readonly stdout = new EventEmitter();
  isKilled = false;

  kill(): boolean {
    this.isKilled = true;
    this.emit('close', null);
    return true;
  }
}

function monitored() {
  const children: FakeChild[] = [];
  let calls = 0;
  const monitor = monitorHost(
    hostTime,
    () => {
      calls += 1;
    },
    () => {
      children.push(new FakeChild());
      return children.at(-1) as never;
    },
  );
  const takeStirs = () => {
    vi.advanceTimersByTime(100);
    const taken = calls;
    calls = 0;
    return taken;
  };
  return { children, monitor, takeStirs };
}

describe('the monitor of addresses and routes', () => {
  it('calls back once for changes that come together, and once when it begins to listen', () => {
    const { children, takeStirs } = monitored();
    expect(takeStirs()).toBe(1);
    for (let line = 0; line < 1000; line++) children[0]!.stdout.emit('data', 'x'.repeat(65_536));
    expect(takeStirs()).toBe(1);
    expect(takeStirs()).toBe(0);
  });

  it.each(['close', 'error'])('is started again after %s, later each time, up to a minute', (event) => {
    const { children, monitor, takeStirs } = monitored();
    const waits = [1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * 1000);
    for (const wait of waits) {
      children.at(-1)!.emit(event, new Error('gone'));
      expect(monitor.isListening).toBe(false);
      const before = children.length;
      vi.advanceTimersByTime(wait - 1);
      expect(children).toHaveLength(before);
      vi.advanceTimersByTime(1);
      expect(children).toHaveLength(before + 1);
      expect(monitor.isListening).toBe(true);
      // Changes without a running monitor are looked for.
      expect(takeStirs()).toBeGreaterThan(0);
    }
    children.at(-1)!.stdout.emit('data', 'a line');
    children.at(-1)!.emit(event, new Error('gone'));
    vi.advanceTimersByTime(1_000);
    expect(monitor.isListening).toBe(true);
  });

  it('starts one monitor for an error with an end after it', () => {
    const { children } = monitored();
    children[0]!.emit('error', new Error('no such command'));
    children[0]!.emit('close', null);
    vi.advanceTimersByTime(1_500);
    expect(children).toHaveLength(2);
  });

  it('ends its child, and neither calls back nor starts after that', () => {
    const { children, monitor, takeStirs } = monitored();
    monitor.end();
    expect(children[0]!.isKilled).toBe(true);
    vi.advanceTimersByTime(120_000);
    expect(takeStirs()).toBe(0);
    expect(children).toHaveLength(1);
  });

  it('ends while it waits for a restart', () => {
    const { children, monitor } = monitored();
    children[0]!.emit('close', 1);
    monitor.end();
    vi.advanceTimersByTime(120_000);
    expect(children).toHaveLength(1);
  });
});

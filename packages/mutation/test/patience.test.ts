import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Patience } from '../src/patience.ts';
import { processorTimeMs } from '../src/processor-time.ts';

function waiting() {
  const time = { clockMs: 1_000, usedMs: 500 };
  const patience = new Patience({ now: () => time.clockMs, usedMs: () => time.usedMs });
  const pass = (clockMs: number, usedMs: number) => {
    time.clockMs += clockMs;
    time.usedMs += usedMs;
    return patience.isOver;
  };
  return { patience, pass };
}

describe('patience with a process that runs mutants', () => {
  it('ends 60 s of processor time after a result', () => {
    const { patience, pass } = waiting();
    patience.heard();
    expect(pass(60_000, 60_000)).toBe(false);
    patience.heard();
    expect(pass(60_000, 60_000)).toBe(false);
    expect(pass(1, 1)).toBe(true);
  });

  it('does not end on a busy machine, which gives the process little time', () => {
    const { patience, pass } = waiting();
    patience.heard();
    expect(pass(3_000_000, 59_000)).toBe(false);
  });

  it('ends when the process waits for nothing for 2 min', () => {
    const { patience, pass } = waiting();
    patience.heard();
    expect(pass(120_000, 100)).toBe(false);
    expect(pass(1, 0)).toBe(true);
  });

  it('is longer while tests are loaded', () => {
    const { pass } = waiting();
    expect(pass(600_000, 600_000)).toBe(false);
    expect(pass(1, 1)).toBe(true);
  });
});

describe('the processor time of a process group', () => {
  it('is that of all its processes, and none of others', async () => {
    const script = 'end=$((SECONDS + 1)); (while [ $SECONDS -le $end ]; do :; done; echo used; exec sleep 60) & wait';
    const child = spawn('bash', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      await once(child.stdout, 'data');
      const usedMs = processorTimeMs(child.pid!);
      expect(usedMs).toBeGreaterThan(10);
      expect(usedMs).toBeLessThan(10_000);
    } finally {
      process.kill(-child.pid!, 'SIGKILL');
    }
  });

  it('is 0 for a group without a process', () => {
    expect(processorTimeMs(2 ** 30)).toBe(0);
  });
});

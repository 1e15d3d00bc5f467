import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

beforeEach(() => vi.resetModules());

afterEach(() => {
  vi.restoreAllMocks();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.removeAllListeners(signal);
});

describe('[RT-08] the end of a run', () => {
  async function run(isDraining: boolean) {
    const { EndOfRun } = await import('../../../src/program/signals/end-of-run.ts');
    const log: string[] = [];
    const end = new EndOfRun({ info: (_: unknown, sentence: string) => void log.push(sentence) } as never);
    let drains = 0;
    end.drain = () => {
      drains += 1;
      return isDraining && drains === 1;
    };
    let isReached = false;
    void end.reached.then(() => {
      isReached = true;
    });
    const emit = async (signal: 'SIGTERM' | 'SIGINT') => {
      process.emit(signal, signal);
      await Promise.resolve();
      return isReached;
    };
    return { end, emit, log };
  }

  it('comes with SIGTERM', async () => {
    const { emit } = await run(false);
    expect(await emit('SIGTERM')).toBe(true);
  });

  it('comes with the next SIGTERM where the role drains, and the one after that kills', async () => {
    const { emit, log } = await run(true);
    expect(await emit('SIGTERM')).toBe(false);
    expect(log).toEqual([]);
    expect(process.listenerCount('SIGTERM')).toBe(1);
    expect(await emit('SIGTERM')).toBe(true);
    expect(log).toEqual(['Stopping on SIGTERM.']);
    expect(process.listenerCount('SIGTERM')).toBe(0);
  });

  it('comes with SIGINT at once, also while the role drains', async () => {
    const { emit } = await run(true);
    expect(await emit('SIGTERM')).toBe(false);
    expect(await emit('SIGINT')).toBe(true);
  });

  it('comes when the role has drained', async () => {
    const { end, emit } = await run(true);
    await emit('SIGTERM');
    end.finish();
    await expect(end.reached).resolves.toBeUndefined();
  });
});

describe.each(['SIGTERM', 'SIGINT'] as const)('[RT-02] %s', (signal) => {
  it('ends the program with a message while its code is loaded', async () => {
    const { endAtEarlySignals } = await import('../../../src/program/signals/early-end.ts');
    const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    endAtEarlySignals();
    process.emit(signal, signal);
    expect(exit.mock.calls).toEqual([[0]]);
    expect(said.mock.calls).toEqual([[`Stopped by ${signal} before anything was opened.\n`]]);
  });

  it.each([true, false])(
    'is handled by the run afterwards, and a second one kills; expected early: %s',
    async (isEarly) => {
      const { endAtEarlySignals, endAtSignals } = await import('../../../src/program/signals/early-end.ts');
      const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
      if (isEarly) endAtEarlySignals();
      const before = process.listeners(signal);
      const ended: string[] = [];
      endAtSignals((name) => {
        ended.push(name);
        return false;
      });
      // Removing the listener would lose a signal under way.
      if (isEarly) expect(process.listeners(signal)).toEqual(before);
      process.emit(signal, signal);
      expect(ended).toEqual([signal]);
      expect(exit).not.toHaveBeenCalled();
      expect(process.listenerCount(signal)).toBe(0);
    },
  );
});

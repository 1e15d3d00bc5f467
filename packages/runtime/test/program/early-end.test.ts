import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

beforeEach(() => vi.resetModules());

afterEach(() => {
  vi.restoreAllMocks();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.removeAllListeners(signal);
});

describe.each(['SIGTERM', 'SIGINT'] as const)('[RT-02] %s', (signal) => {
  it('ends the program with a message while its code is loaded', async () => {
    const { endAtEarlySignals } = await import('../../src/program/early-end.ts');
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
      const { endAtEarlySignals, endAtSignals } = await import('../../src/program/early-end.ts');
      const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
      if (isEarly) endAtEarlySignals();
      const before = process.listeners(signal);
      const ended: string[] = [];
      endAtSignals((name) => void ended.push(name));
      // Removing the listener would lose a signal under way.
      if (isEarly) expect(process.listeners(signal)).toEqual(before);
      process.emit(signal, signal);
      expect(ended).toEqual([signal]);
      expect(exit).not.toHaveBeenCalled();
      expect(process.listenerCount(signal)).toBe(0);
    },
  );
});

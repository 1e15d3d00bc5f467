import type { HostAddresses } from '@navalis/life';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchHost } from '../../src/host/watches/host-watch.ts';
import { hostTime } from '../../src/scheduling/time.ts';
import { hostWith } from '../fakes.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watched(ownInterface = 'teredo') {
  const seen: HostAddresses[] = [];
  const state = { host: hostWith(), isListening: false, isEnded: false, looks: 0, woken: (): void => undefined };
  const read = () => {
    state.looks += 1;
    return state.host;
  };
  const monitor = (woken: () => void) => {
    state.woken = woken;
    return {
      get isListening() {
        return state.isListening;
      },
      end: () => {
        state.isEnded = true;
      },
    };
  };
  const end = watchHost({ time: hostTime, read, ownInterface, before: hostWith(), monitor }, (changed) =>
    seen.push(changed),
  );
  return { seen, state, end };
}

describe('the watch over the addresses of this host', () => {
  it('reports each change once, until it ends', () => {
    const { seen, state, end } = watched();
    vi.advanceTimersByTime(5_000);
    expect(seen).toEqual([]);
    state.host = hostWith('2a00:1::1');
    vi.advanceTimersByTime(1_000);
    expect(seen).toEqual([state.host]);
    end();
    expect(state.isEnded).toBe(true);
    state.host = hostWith();
    vi.advanceTimersByTime(5_000);
    expect(seen).toHaveLength(1);
  });

  it('checks at once after an announcement, and otherwise ten times less often', () => {
    const { seen, state } = watched();
    state.isListening = true;
    vi.advanceTimersByTime(9_999);
    expect(state.looks).toBe(0);
    vi.advanceTimersByTime(1);
    expect(state.looks).toBe(1);
    state.host = hostWith('2a00:1::1');
    state.woken();
    expect(seen).toEqual([state.host]);
    state.woken();
    expect(seen).toHaveLength(1);
    state.isListening = false;
    state.host = hostWith();
    vi.advanceTimersByTime(1_000);
    expect(seen).toHaveLength(2);
  });

  it('reports changes between the previous check and its own first one', () => {
    const { seen, state } = watched();
    state.host = hostWith('2a00:1::1');
    state.woken();
    expect(seen).toEqual([state.host]);
  });

  it('ignores its own interface', () => {
    const { seen, state } = watched('eth0');
    state.host = hostWith('2a00:1::1');
    state.woken();
    expect(seen).toEqual([]);
  });
});

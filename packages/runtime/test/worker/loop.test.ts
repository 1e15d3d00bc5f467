import type { EngineStatus, Milliseconds } from '@navalis/engine';
import { Counters } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { type Receiver, runLoop } from '../../src/worker/loop/loop.ts';
import { WatchedDevices } from '../../src/worker/loop/watched-devices.ts';

/** An engine that writes down what happens to it. */
class TracingEngine {
  deadline: Milliseconds = Number.POSITIVE_INFINITY;
  readonly #trace: string[];

  constructor(trace: string[]) {
    this.#trace = trace;
  }

  start(now: Milliseconds): void {
    this.#trace.push(`start ${now}`);
  }
  stop(now: Milliseconds): void {
    this.#trace.push(`stop ${now}`);
  }
  handleDatagrams(): void {
    this.#trace.push('datagrams');
  }
  handlePackets(): void {
    this.#trace.push('packets');
  }
  handleDeadline(now: Milliseconds): void {
    this.#trace.push(`deadline ${now}`);
    this.deadline = Number.POSITIVE_INFINITY;
  }
  nextDeadline(): Milliseconds {
    return this.deadline;
  }
  deadlineReason(): undefined {}
  status(): EngineStatus {
    return { role: 'relay', state: 'running', since: 0, peers: 0, counters: new Counters().snapshot() };
  }
}

/** The input of a round of the loop: readable descriptors, a wake-up, and the time. */
interface Turn {
  readonly readable?: readonly number[];
  readonly woken?: boolean;
  readonly now?: Milliseconds;
  /** How long a receiver works. */
  readonly takes?: Milliseconds;
}

function runTurns(
  turns: readonly Turn[],
  prepare: (engine: TracingEngine) => void = () => undefined,
  {
    looksPerTurn = [],
    lasting = [],
    backgroundSteps = 0,
  }: { looksPerTurn?: number[]; lasting?: [ms: number, at: number][]; backgroundSteps?: number } = {},
): string[] {
  const trace: string[] = [];
  const engine = new TracingEngine(trace);
  prepare(engine);
  let now = 0;
  let turn: Turn = {};
  const left = [...turns];
  const watched: number[] = [];
  const receiver = (descriptor: number, name: string): Receiver => ({
    descriptor,
    receive: (_, time, budget) => {
      trace.push(`receive ${name} ${time} ${budget}`);
      now += turn.takes ?? 0;
      return 1;
    },
  });
  const devices = new WatchedDevices({
    watch: ({ descriptor }) => {
      trace.push(`watch ${descriptor}`);
      watched.push(descriptor);
      return watched.length - 1;
    },
    unwatch: () => undefined,
  });
  devices.add(receiver(3, 'socket'));
  devices.add(receiver(4, 'tunnel'));
  let steps = backgroundSteps;
  runLoop({
    engine,
    background: {
      get isPending() {
        return steps > 0;
      },
      step: (time) => {
        steps -= 1;
        trace.push(`step ${time}`);
      },
    },
    receivers: devices.receivers,
    poller: {
      wait: (timeout, looks = 0) => {
        trace.push(`wait ${timeout}`);
        looksPerTurn.push(looks);
        turn = left.shift() ?? { woken: true };
        now = turn.now ?? now;
        return turn.readable?.length ?? 0;
      },
      isReady: (index) => turn.readable?.includes(watched[index]!) ?? false,
      get woken() {
        return turn.woken ?? false;
      },
    },
    flush: () => trace.push('flush'),
    clock: () => now,
    load: { turn: (ms, at) => void lasting.push([ms, at]) },
    handleMessages: () => {
      trace.push('message');
      return left.length > 0;
    },
  });
  return trace;
}

describe('the data-plane loop', () => {
  it('starts the engine, sends what it says, waits for its deadline, and stops it when told to', () => {
    const trace = runTurns([{ woken: true, now: 5 }], (engine) => {
      engine.deadline = 100;
    });
    expect(trace).toEqual(['watch 3', 'watch 4', 'start 0', 'flush', 'wait 100', 'message', 'stop 5', 'flush']);
  });

  it('reads what is readable only, and sends before the next device is read', () => {
    const trace = runTurns([
      { readable: [4], now: 7 },
      { readable: [3, 4], now: 8 },
    ]);
    expect(trace.slice(4, -3)).toEqual([
      'wait Infinity',
      'receive tunnel 7 128',
      'flush',
      'flush',
      'wait Infinity',
      'receive socket 8 128',
      'flush',
      'receive tunnel 8 128',
      'flush',
      'flush',
      'wait Infinity',
    ]);
  });

  it('does a part of the work for the control plane in each turn, and sleeps only when all is done', () => {
    const trace = runTurns([{ readable: [3], now: 7 }, { now: 8 }, { now: 9 }], undefined, { backgroundSteps: 2 });
    expect(trace.slice(4, -3)).toEqual([
      'wait 0',
      'receive socket 7 128',
      'flush',
      'step 7',
      'flush',
      'wait 0',
      'step 8',
      'flush',
      'wait Infinity',
      'flush',
      'wait Infinity',
    ]);
  });

  it('tells the engine when its deadline has come, and not before', () => {
    const early = runTurns([{ now: 99 }], (engine) => {
      engine.deadline = 100;
    });
    expect(early.join()).not.toContain('deadline');
    const due = runTurns([{ now: 100 }], (engine) => {
      engine.deadline = 100;
    });
    expect(due.filter((entry) => entry.startsWith('deadline'))).toEqual(['deadline 100']);
  });

  it('looks before it sleeps after four short sleeps in a row, and no more after a long one', () => {
    const looks: number[] = [];
    const times = [10, 10.1, 10.2, 11, 11.1, 11.2, 11.3, 11.4, 11.5, 15];
    runTurns(
      times.map((now) => ({ now })),
      undefined,
      { looksPerTurn: looks },
    );
    expect(looks.map((count) => count > 0)).toEqual(times.map((now) => now === 11.5 || now === 15).concat(false));
  });

  it('measures each turn from the end of a wait to the next one, but no wait', () => {
    const lasting: [number, number][] = [];
    runTurns([{ now: 40 }, { readable: [3], now: 90, takes: 7 }, { now: 100 }], undefined, { lasting });
    expect(lasting.slice(0, 3)).toEqual([
      [0, 40],
      [7, 97],
      [0, 100],
    ]);
  });

  it('goes on when it is woken for something else', () => {
    const trace = runTurns([{ woken: true }, { readable: [3] }]);
    expect(trace).toContain('receive socket 0 128');
  });

  it('waits for as long as it is until the deadline, and not at all for one that is past', () => {
    const trace = runTurns([{ now: 40 }, { now: 90 }, { now: 99.5 }], (engine) => {
      engine.deadline = 100;
    });
    expect(trace.filter((entry) => entry.startsWith('wait'))).toEqual(['wait 100', 'wait 60', 'wait 10', 'wait 0.5']);
    const late = runTurns([{ now: 40 }], (engine) => {
      engine.deadline = -10;
    });
    expect(late.filter((entry) => entry.startsWith('wait'))[0]).toBe('wait -10');
  });

  it('sends what a deadline brought about, and what a message did, before it waits again', () => {
    const due = runTurns([{ now: 100 }], (engine) => {
      engine.deadline = 100;
    });
    expect(due.slice(due.indexOf('deadline 100'))).toEqual([
      'deadline 100',
      'flush',
      'wait Infinity',
      'message',
      'stop 100',
      'flush',
    ]);
    const told = runTurns([{ woken: true }, {}]);
    expect(told.slice(told.indexOf('message'))).toEqual([
      'message',
      'flush',
      'wait Infinity',
      'flush',
      'wait Infinity',
      'message',
      'stop 0',
      'flush',
    ]);
  });

  it('asks for messages only when it was woken', () => {
    const trace = runTurns([{ readable: [3] }, { now: 7 }]);
    expect(trace.filter((entry) => entry === 'message')).toHaveLength(1);
    expect(trace.at(-3)).toBe('message');
  });

  it('receives before it handles a deadline of the same turn, and messages last', () => {
    const trace = runTurns([{ readable: [3], woken: true, now: 100 }, {}], (engine) => {
      engine.deadline = 100;
    });
    const order = trace.filter((entry) => /receive|deadline|message/.test(entry)).slice(0, 3);
    expect(order).toEqual(['receive socket 100 128', 'deadline 100', 'message']);
  });
});

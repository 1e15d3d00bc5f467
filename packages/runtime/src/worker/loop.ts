import type { Engine, EngineLife, Milliseconds } from '@navalis/engine';
import type { Poller } from '@navalis/netio';

/** A socket or tunnel interface as the loop sees it. */
export interface Receiver {
  readonly descriptor: number;
  /** Hands at most `budget` of what waits to the engine. */
  receive(engine: Engine, now: Milliseconds, budget: number): number;
}

export interface LoopParts {
  readonly engine: Engine & EngineLife;
  readonly poller: Pick<Poller, 'wait' | 'isReady' | 'woken'>;
  /** By the places that the poller has for them. The engine opens and closes some whenever it is called. */
  readonly receivers: readonly (Receiver | undefined)[];
  /** Sends what the engine put out since the last call. */
  readonly flush: () => void;
  readonly clock: () => Milliseconds;
  /** Handles what the control plane sent; false ends the loop. */
  readonly handleMessages: (now: Milliseconds) => boolean;
}

/** Packets that one receiver may take per round, so that neither side starves the other. */
const receiveBudget = 128;
/**
 * After some sleeps in a row that were shorter than this, looking some times more before the next one (some 30
 * microseconds, others go first) is cheaper than falling asleep and being woken: up to a quarter more throughput. A thread
 * that has little to do, be it a packet and its answer now and then, sleeps at once and is in nobody's way.
 */
const shortSleepMs = 0.25;
const shortSleepsBeforeLooks = 4;
const looksBeforeSleep = 16;

/** The one blocking loop of a data plane; returns when the control plane says so. Allocates nothing per turn. */
export function runLoop(parts: LoopParts): void {
  const { engine, poller, receivers, clock } = parts;
  engine.start(clock());
  parts.flush();
  let shortSleeps = 0;
  for (;;) {
    const before = clock();
    poller.wait(engine.nextDeadline() - before, shortSleeps < shortSleepsBeforeLooks ? 0 : looksBeforeSleep);
    const now = clock();
    shortSleeps = now - before < shortSleepMs ? shortSleeps + 1 : 0;
    for (let index = 0; index < receivers.length; index++) {
      if (!poller.isReady(index)) continue;
      receivers[index]?.receive(engine, now, receiveBudget);
      // Runs refer to the receiver's memory, which its next turn uses again.
      parts.flush();
    }
    if (engine.nextDeadline() <= now) engine.handleDeadline(now);
    if (poller.woken && !parts.handleMessages(now)) break;
    parts.flush();
  }
  engine.stop(clock());
  parts.flush();
}

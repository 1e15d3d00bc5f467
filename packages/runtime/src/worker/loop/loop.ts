import type { Engine, EngineLife, Milliseconds } from '@navalis/engine';
import type { Poller } from '@navalis/netio';
import type { LoopLoad } from './loop-load.ts';

/** A socket or tunnel interface as the loop sees it. */
export interface Receiver {
  readonly descriptor: number;
  /** Passes at most `budget` waiting packets to the engine. */
  receive(engine: Engine, now: Milliseconds, budget: number): number;
}

export interface LoopParts {
  /** May be replaced at any time by another one around it. */
  readonly engine: Engine & EngineLife;
  readonly poller: Pick<Poller, 'wait' | 'isReady' | 'woken'>;
  /** Indexed by their place in the poller. Any call of the engine may open and close some. */
  readonly receivers: readonly (Receiver | undefined)[];
  /** Sends the output of the engine since the last call. */
  readonly flush: () => void;
  readonly clock: () => Milliseconds;
  readonly load: Pick<LoopLoad, 'turn'>;
  /** Work for the control plane, a small part in each turn. */
  readonly background?: { readonly isPending: boolean; step(now: Milliseconds): void };
  /** Handles messages of the control plane; returns false to end the loop. */
  readonly handleMessages: (now: Milliseconds) => boolean;
}

/** Packets that one receiver may take per round, so that neither side starves the other. */
const receiveBudget = 128;
/**
 * After several consecutive sleeps shorter than this, polling a few more times before the next one (about 30 microseconds,
 * other threads go first) costs less than a sleep and a wake-up: up to a quarter more throughput. A thread with little
 * traffic, such as occasional requests and responses, sleeps at once and takes no processor time from others.
 */
const shortSleepMs = 0.25;
const shortSleepsBeforeLooks = 4;
const looksBeforeSleep = 16;

/** The one blocking loop of a data plane; returns when the control plane ends it. Allocates nothing per iteration. */
export function runLoop(parts: LoopParts): void {
  const { poller, receivers, clock, load, background } = parts;
  parts.engine.start(clock());
  parts.flush();
  let shortSleeps = 0;
  let before = clock();
  for (;;) {
    const { engine } = parts;
    const waitMs = background?.isPending === true ? 0 : engine.nextDeadline() - before;
    poller.wait(waitMs, shortSleeps < shortSleepsBeforeLooks ? 0 : looksBeforeSleep);
    const now = clock();
    shortSleeps = now - before < shortSleepMs ? shortSleeps + 1 : 0;
    for (let index = 0; index < receivers.length; index++) {
      if (!poller.isReady(index)) continue;
      receivers[index]?.receive(engine, now, receiveBudget);
      // Runs refer to the receiver's memory, which its next call reuses.
      parts.flush();
    }
    if (engine.nextDeadline() <= now) engine.handleDeadline(now);
    if (background?.isPending === true) background.step(now);
    if (poller.woken && !parts.handleMessages(now)) break;
    parts.flush();
    before = clock();
    load.turn(before - now, before);
  }
  parts.engine.stop(clock());
  parts.flush();
}

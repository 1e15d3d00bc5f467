import type { HookConfiguration, Role } from '@navalis/config';
import type { Logger } from '@navalis/telemetry';
import { isoTime, type Time } from '../scheduling/time.ts';
import type { EventSink, HostEvent } from './host-event.ts';
import type { HookEnding, HookRun, HookRunner } from './run-hook.ts';

/** Our choice: the most events that wait for the program. */
const queueCapacity = 32;

/** Our choice: the longest wait for the program when the role ends. */
const endLimitMs = 5_000;

export interface EventHookContext {
  readonly role: Role;
  readonly version: string;
  readonly logger: Logger;
  readonly time: Pick<Time, 'wall' | 'after'>;
  readonly run: HookRunner;
}

interface WaitingEvent {
  readonly name: HostEvent['event'];
  readonly fields: object;
}

/**
 * Runs the program of the key `on-event` for each event: one at a time, in order, within a time limit. Events beyond a bounded
 * queue are left out and counted. Failures go to the log and change nothing else.
 */
export class EventHook implements EventSink {
  readonly #context: EventHookContext;
  #hook: HookConfiguration | undefined;
  readonly #queue: WaitingEvent[] = [];
  #number = 0;
  /** Events since the last one that the queue took. */
  #leftOut = 0;
  #current: HookRun | undefined;
  #isClosed = false;
  #idle: () => void = () => undefined;

  constructor(hook: HookConfiguration | undefined, context: EventHookContext) {
    this.#hook = hook;
    this.#context = context;
  }

  /** Replaces the program, for the next event. */
  reconfigure(hook: HookConfiguration | undefined): void {
    this.#hook = hook;
    if (hook === undefined) this.#queue.length = 0;
  }

  tell(event: HostEvent): void {
    if (this.#hook === undefined || this.#isClosed) return;
    this.#number += 1;
    if (this.#queue.length >= queueCapacity) {
      this.#leftOut += 1;
      return;
    }
    const { event: name, ...rest } = event;
    const { role, version, time } = this.#context;
    const head = { event: name, number: this.#number, leftOut: this.#leftOut, at: isoTime(time.wall()), role, version };
    this.#sayLeftOut('it was too slow');
    this.#queue.push({ name, fields: { ...head, ...rest } });
    if (this.#current === undefined) void this.#work();
  }

  /** Resolves when the program has handled all events, after 5 s at most: it is killed then. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#current === undefined) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#context.time.after(endLimitMs, resolve);
      this.#idle = () => {
        cancel();
        resolve();
      };
    });
    this.#leftOut += this.#queue.length;
    this.#queue.length = 0;
    this.#sayLeftOut('the program ends');
    this.#current?.kill();
  }

  async #work(): Promise<void> {
    for (;;) {
      const next = this.#queue.shift();
      const hook = this.#hook;
      if (next === undefined || hook === undefined) break;
      const run = this.#context.run(hook, `${JSON.stringify(next.fields)}\n`);
      this.#current = run;
      this.#report(hook, next.name, await run.ended);
    }
    this.#current = undefined;
    this.#idle();
  }

  #sayLeftOut(why: string): void {
    const count = this.#leftOut;
    this.#leftOut = 0;
    if (count === 0) return;
    const events = count === 1 ? '1 event was' : `${count} events were`;
    this.#context.logger.warn(
      { event: 'hook-left-out', count },
      `${events} left out for the program of on-event: ${why}.`,
    );
  }

  #report(hook: HookConfiguration, name: string, ending: HookEnding): void {
    const program = hook.command[0]!;
    const fields = { program, about: name };
    const { logger } = this.#context;
    if (ending.kind === 'done') {
      logger.debug({ event: 'hook-done', ...fields }, `The program ${program} has handled the event ${name}.`);
      return;
    }
    const what = `The program ${program} (key on-event)`;
    if (ending.kind === 'not-started') {
      const sentence = `${what} cannot be run for the event ${name} (${ending.reason}). Correct the key, or the permissions of the file.`;
      logger.warn({ event: 'hook-not-started', reason: ending.reason, ...fields }, sentence);
      return;
    }
    const words = ending.lastLine === '' ? '' : ` Its last line of standard error: ${ending.lastLine}`;
    if (ending.kind === 'timed-out') {
      const limit = `${hook.timeoutMs / 1000} s`;
      const sentence = `${what} did not end within ${limit} for the event ${name}, and was killed. Make it faster, or raise on-event-timeout.${words}`;
      logger.warn({ event: 'hook-timed-out', ...fields }, sentence);
      return;
    }
    const { status } = ending;
    const how = typeof status === 'number' ? `status ${status}` : `signal ${status}`;
    logger.warn(
      { event: 'hook-failed', status, ...fields },
      `${what} ended with ${how} for the event ${name}.${words}`,
    );
  }
}

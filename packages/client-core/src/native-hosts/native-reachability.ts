import type { Ipv6Value } from '@navalis/address';
import { ipv6Equals } from '@navalis/address';
import type { EngineEvent, Milliseconds, NativeReachabilityStatus } from '@navalis/engine';
import { failedTestsInRow } from '../choices.ts';

/**
 * Whether native hosts can be reached, as connectivity tests and what native hosts send show it. One dead host says nothing:
 * native hosts count as failing when several tests in a row failed and nothing native was heard meanwhile, and either two hosts
 * are among them or none was ever heard.
 */
export class NativeReachability {
  /** Receives each change to unreachable and the next change back. */
  report: (event: EngineEvent) => void = () => undefined;
  #state: NativeReachabilityStatus['state'] | 'untested' = 'untested';
  #since: Milliseconds = 0;
  #failures = 0;
  #firstFailureAt: Milliseconds = 0;
  #firstFailed: Ipv6Value | undefined;
  #severalFailed = false;

  /** Undefined before the first test ended. */
  get status(): NativeReachabilityStatus | undefined {
    return this.#state === 'untested' ? undefined : { state: this.#state, since: this.#since };
  }

  /** Records a packet from a native host through its relay. Called per run; usually costs one comparison. */
  heard(now: Milliseconds): void {
    if (this.#state === 'working' && this.#failures === 0) return;
    const wasFailing = this.#state === 'failing';
    if (this.#state !== 'working') this.#enter('working', now);
    this.#failures = 0;
    if (wasFailing) this.report({ kind: 'native-hosts-answer' });
  }

  /** A connectivity test of this host got no answer. */
  failed(host: Ipv6Value, now: Milliseconds): void {
    if (this.#failures === 0) {
      this.#firstFailureAt = now;
      this.#firstFailed = host;
      this.#severalFailed = false;
    }
    this.#failures += 1;
    this.#severalFailed ||= !ipv6Equals(host, this.#firstFailed!);
    if (this.#state === 'failing' || this.#failures < failedTestsInRow) return;
    if (this.#state === 'working' && !this.#severalFailed) return;
    this.#enter('failing', this.#firstFailureAt);
    this.report({ kind: 'native-hosts-fail', failedTests: this.#failures });
  }

  /** Forgets all results after a change of address, server or network. */
  clear(): void {
    this.#state = 'untested';
    this.#failures = 0;
  }

  #enter(state: NativeReachabilityStatus['state'], since: Milliseconds): void {
    this.#state = state;
    this.#since = since;
  }
}

import type { Ipv6Value } from '@navalis/address';
import { ipv6Equals } from '@navalis/address';
import type { EngineEvent, Milliseconds, NativeReachabilityStatus } from '@navalis/engine';
import { failedTestsInRow } from '../choices.ts';

/** The tests that failed since a native host was last heard. */
interface FailedTests {
  readonly firstHost: Ipv6Value;
  readonly firstAt: Milliseconds;
  count: number;
  isOfSeveralHosts: boolean;
}

/**
 * Whether native hosts can be reached, as connectivity tests and what native hosts send show it. One dead host says nothing:
 * native hosts count as failing when several tests in a row failed and nothing native was heard meanwhile, and either two hosts
 * are among them or none was ever heard.
 */
export class NativeReachability {
  /** Receives each change to unreachable and the next change back. */
  report: (event: EngineEvent) => void = () => undefined;
  #status: NativeReachabilityStatus | undefined;
  #failures: FailedTests | undefined;

  /** Undefined before the first test ended. */
  get status(): NativeReachabilityStatus | undefined {
    return this.#status;
  }

  /** Records a packet from a native host through its relay. Called per run; usually costs two comparisons. */
  heard(now: Milliseconds): void {
    const wasFailing = this.#status?.state === 'failing';
    if (this.#status?.state !== 'working') this.#status = { state: 'working', since: now };
    this.#failures = undefined;
    if (wasFailing) this.report({ kind: 'native-hosts-answer' });
  }

  /** A connectivity test of this host got no answer. */
  failed(host: Ipv6Value, now: Milliseconds): void {
    this.#failures ??= { firstHost: host, firstAt: now, count: 0, isOfSeveralHosts: false };
    const failures = this.#failures;
    failures.count += 1;
    failures.isOfSeveralHosts ||= !ipv6Equals(host, failures.firstHost);
    const state = this.#status?.state;
    if (state === 'failing' || failures.count < failedTestsInRow) return;
    if (state === 'working' && !failures.isOfSeveralHosts) return;
    this.#status = { state: 'failing', since: failures.firstAt };
    this.report({ kind: 'native-hosts-fail', failedTests: failures.count });
  }

  /** Forgets all results after a change of address, server or network. */
  clear(): void {
    this.#status = undefined;
    this.#failures = undefined;
  }
}

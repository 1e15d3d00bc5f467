import type { Milliseconds } from '@navalis/engine';
import type { Ipv6Host } from '../hosts/ipv6-host.ts';
import type { Internet } from '../teredo/internet.ts';

/** An echo request in each interval, whatever became of the ones before. */
export class Pings {
  sent = 0;
  #answers: { readonly sentAt: Milliseconds; readonly at: Milliseconds }[] = [];
  #isOver = false;

  constructor(net: Internet, from: Ipv6Host, to: Ipv6Host, everyMs: Milliseconds = 1000) {
    const send = () => {
      if (this.#isOver) return;
      this.sent++;
      from.ping(to, undefined, (ping) => this.#answers.push({ sentAt: ping.startedAt, at: net.now }));
      net.clock.after(everyMs, send);
    };
    send();
  }

  get answered(): number {
    return this.#answers.length;
  }

  /** Restarts the count. */
  forget(): void {
    this.sent = 0;
    this.#answers = [];
  }

  stop(): void {
    this.#isOver = true;
  }

  isAnsweredSince(time: Milliseconds): boolean {
    return this.#answers.some(({ sentAt }) => sentAt >= time);
  }

  /** Returns the time of the answer to the first request sent at that time or later. */
  firstAnswerSince(time: Milliseconds): Milliseconds {
    return this.#answers.find(({ sentAt }) => sentAt >= time)!.at;
  }

  longestGapMs(start: Milliseconds): Milliseconds {
    const times = [start, ...this.#answers.map(({ at }) => at).filter((at) => at > start)];
    return Math.max(...times.slice(1).map((time, index) => time - times[index]!));
  }
}

import type { Logger } from '@navalis/telemetry';
import type { QueueReport } from '../host/datagram-queues.ts';
import type { Time } from '../scheduling/time.ts';

/** Interval of the checks. Each one costs a few small reads. */
const lookMs = 3_500;

/** This many checks in a row must find drops, which takes 10 s: a shorter burst is no fault. */
const agreeingLooks = 3;

/** Our choice: an overflow is logged at most once in this time. */
const saidMs = 600_000;

export interface OverflowWatchContext {
  readonly logger: Pick<Logger, 'warn'>;
  readonly time: Pick<Time, 'now' | 'every'>;
  readonly queues: () => QueueReport;
}

interface Queue {
  readonly name: string;
  readonly dropsIn: (report: QueueReport) => number;
  /** The packets for people. */
  readonly packets: string;
  readonly cure: string;
}

const fasterHost = 'Give this host a faster processor core, or spread the load over more hosts';

const watched: readonly Queue[] = [
  {
    name: 'socket',
    dropsIn: ({ socketDrops }) => socketDrops,
    packets: 'datagrams from the network',
    cure: `${fasterHost}; for short bursts raise "sysctl net.core.rmem_max".`,
  },
  {
    name: 'interface',
    dropsIn: ({ interfaceDrops }) => interfaceDrops,
    packets: 'packets for the tunnel',
    cure: `${fasterHost}.`,
  },
];

/**
 * Warns when the kernel drops packets for 10 s because this program is too slow, with the cure; once in 10 minutes for each queue.
 * Returns a function that ends the watch.
 */
export function watchOverflows({ logger, time, queues }: OverflowWatchContext): () => void {
  const states = watched.map((queue) => ({
    queue,
    drops: queue.dropsIn(queues()),
    looks: 0,
    lost: 0,
    saidAt: -saidMs,
  }));
  return time.every(lookMs, () => {
    const report = queues();
    for (const state of states) {
      const { name, packets, cure, dropsIn } = state.queue;
      const dropped = dropsIn(report) - state.drops;
      state.drops = dropsIn(report);
      state.looks = dropped > 0 ? state.looks + 1 : 0;
      state.lost = dropped > 0 ? state.lost + dropped : 0;
      if (state.looks < agreeingLooks || time.now() - state.saidAt < saidMs) continue;
      state.saidAt = time.now();
      const sentence = `The kernel has dropped ${packets} for 10 s and more (${state.lost} so far), because this program is too slow for them. ${cure}`;
      logger.warn({ event: 'overflow', queue: name, dropped: state.lost }, sentence);
    }
  });
}

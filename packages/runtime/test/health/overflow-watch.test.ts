import { createLogger } from '@navalis/telemetry';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchOverflows } from '../../src/health/overflow-watch.ts';
import { hostTime } from '../../src/scheduling/time.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function watched() {
  const log: string[] = [];
  const destination = { write: (text: string) => void log.push((JSON.parse(text) as { msg: string }).msg) };
  const logger = await createLogger({ level: 'info', format: 'json', destination });
  const report = { receiveOctets: 0, sendOctets: 0, socketDrops: 5, interfaceDrops: 0 };
  const end = watchOverflows({ logger, time: hostTime, queues: () => report });
  const pass = (seconds: number, each: () => void = () => undefined) => {
    for (let second = 0; second < seconds; second++) {
      each();
      vi.advanceTimersByTime(1_000);
    }
  };
  return { log, report, end, pass };
}

describe('the watch over queues in the kernel', () => {
  it('warns once when datagrams are dropped for 10 s, with the cure, and again after 10 minutes', async () => {
    const { log, report, pass } = await watched();
    const drop = () => {
      report.socketDrops += 2;
    };
    pass(10, drop);
    expect(log).toEqual([]);
    pass(1, drop);
    expect(log).toEqual([
      'The kernel has dropped datagrams from the network for 10 s and more (22 so far), because this program is too slow for them. Give this host a faster processor core, or spread the load over more hosts; for short bursts raise "sysctl net.core.rmem_max".',
    ]);
    pass(595, drop);
    expect(log).toHaveLength(1);
    pass(10, drop);
    expect(log).toHaveLength(2);
  });

  it('warns of packets that the tunnel interface loses', async () => {
    const { log, report, pass } = await watched();
    pass(12, () => {
      report.interfaceDrops += 1;
    });
    expect(log).toEqual([expect.stringMatching(/dropped packets for the tunnel for 10 s and more .* too slow/)]);
  });

  it('says nothing of earlier drops and of a burst, and ends', async () => {
    const { log, report, end, pass } = await watched();
    pass(60);
    report.socketDrops += 1_000;
    pass(60);
    expect(log).toEqual([]);
    end();
    expect(vi.getTimerCount()).toBe(0);
  });
});

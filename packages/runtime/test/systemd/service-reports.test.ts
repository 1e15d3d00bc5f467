import { Counters } from '@navalis/engine';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hostTime } from '../../src/scheduling/time.ts';
import type { StatusReport } from '../../src/status/status-report.ts';
import { ServiceReports } from '../../src/systemd/service-reports.ts';
import { wholeReport } from '../fakes.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const starting: StatusReport = {
  role: 'server',
  version: '1.2.3',
  state: 'initial',
  since: '2026-01-01T00:00:00.000Z',
  peers: 0,
  counters: new Counters().snapshot(),
};
const running: StatusReport = { ...starting, state: 'running' };
const waiting: StatusReport = { ...starting, state: 'waiting', waitingFor: 'server-name', evidence: 'teredo.example' };

class Service {
  readonly sent: string[] = [];
  readonly warnings: string[] = [];
  report: () => Promise<StatusReport> = async () => starting;
  heartbeat: () => Promise<void> = async () => {};
  sendError: Error | undefined;
  findError: Error | undefined;
  readonly reports: ServiceReports;

  constructor(watchdogMs?: number, isThere = true) {
    const send = (text: string) => {
      if (this.sendError !== undefined) throw this.sendError;
      this.sent.push(text);
    };
    this.reports = new ServiceReports({
      logger: { warn: (_: unknown, sentence: string) => void this.warnings.push(sentence) } as never,
      time: hostTime,
      report: async () => wholeReport(await this.report()),
      heartbeat: () => this.heartbeat(),
      find: async () => {
        if (this.findError !== undefined) throw this.findError;
        return isThere ? { sender: { send }, watchdogMs } : undefined;
      },
    });
  }

  /** Returns what was sent since the last call. */
  take(): string[] {
    return this.sent.splice(0);
  }

  become(report: StatusReport): void {
    this.report = async () => report;
    this.reports.changed();
  }
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('reports to a service manager', () => {
  it('[RT-06] say that the program runs, and what it waits for', async () => {
    const service = new Service();
    service.become(waiting);
    await service.reports.ready();
    expect(service.take()).toEqual([
      'READY=1\nSTATUS=Waiting for a server name to resolve (teredo.example). Correct the key server, or look at the name servers of this host. The program continues by itself when it is there.',
    ]);
  });

  it('[RT-06] say each other state once, when it has settled', async () => {
    const service = new Service();
    service.become(waiting);
    await service.reports.ready();
    service.take();
    service.become(starting);
    service.become(running);
    expect(service.take()).toEqual([]);
    await pass(100);
    expect(service.take()).toEqual(['STATUS=Running.']);
    service.reports.changed();
    await pass(1000);
    expect(service.take()).toEqual([]);
  });

  it('[RT-06] let it wait for the end of a reload, with the time of its begin', async () => {
    const service = new Service();
    await service.reports.ready();
    service.take();
    const before = process.hrtime.bigint() / 1000n;
    let end = () => {};
    const reloaded = service.reports.reload(
      () =>
        new Promise<void>((resolve) => {
          end = resolve;
        }),
    );
    await pass(1000);
    const [begin, ...more] = service.take();
    expect(more).toEqual([]);
    const [, time] = /^RELOADING=1\nMONOTONIC_USEC=(\d+)$/.exec(begin!)!;
    expect(BigInt(time!)).toBeGreaterThanOrEqual(before);
    expect(BigInt(time!)).toBeLessThanOrEqual(process.hrtime.bigint() / 1000n);
    end();
    await reloaded;
    expect(service.take()).toEqual(['READY=1']);
  });

  it('end a reload that fails, too', async () => {
    const service = new Service();
    await service.reports.ready();
    const failing = service.reports.reload(() => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(service.take().at(-1)).toBe('READY=1');
  });

  it('[RT-08] ask for the time of a drain and of the end after it, and tell the state meanwhile', async () => {
    const service = new Service();
    await service.reports.ready();
    service.take();
    service.report = async () => ({ ...running, state: 'draining', drainsUntil: '2026-11-26T10:00:40.000Z' });
    service.reports.draining(40_000);
    await pass(200);
    expect(service.take()).toEqual(['EXTEND_TIMEOUT_USEC=70000000', 'STATUS=Draining until 2026-11-26T10:00:40.000Z.']);
  });

  it('[RT-06] end with the stop', async () => {
    const service = new Service(9000);
    await service.reports.ready();
    service.become(running);
    service.take();
    service.reports.stopping();
    service.reports.changed();
    await pass(60_000);
    expect(service.take()).toEqual(['STOPPING=1\nSTATUS=Stopping.']);
  });

  it('do without a service manager', async () => {
    const service = new Service(9000, false);
    await service.reports.ready();
    service.become(running);
    let isReloaded = false;
    await service.reports.reload(() => {
      isReloaded = true;
    });
    await pass(60_000);
    service.reports.stopping();
    expect(isReloaded).toBe(true);
    expect({ sent: service.sent, warnings: service.warnings }).toEqual({ sent: [], warnings: [] });
  });

  it('[RT-06] warn once if they cannot be sent, and go on', async () => {
    const service = new Service(9000);
    service.sendError = new Error('The queue is full.');
    await service.reports.ready();
    await pass(9000);
    const sentence = 'The service manager does not hear of this program, and may end it: The queue is full.';
    expect(service.warnings).toEqual([sentence]);
    service.sendError = undefined;
    await pass(3000);
    expect(service.take()).toContain('WATCHDOG=1');
  });

  it('warn if its address cannot be used', async () => {
    const service = new Service();
    service.findError = new Error('"vsock:1:2" is no address.');
    await service.reports.ready();
    expect(service.warnings).toEqual([
      'The service manager does not hear of this program, and may end it: "vsock:1:2" is no address.',
    ]);
  });

  it('say nothing of a state that cannot be read any more', async () => {
    const service = new Service();
    service.report = () => Promise.reject(new Error('ending'));
    await service.reports.ready();
    expect(service.take()).toEqual(['READY=1']);
  });
});

describe('the watchdog', () => {
  it('[RT-06] is fed three times in its time', async () => {
    const service = new Service(9000);
    await service.reports.ready();
    await pass(0);
    await pass(9000);
    expect(service.take().filter((text) => text === 'WATCHDOG=1')).toHaveLength(4);
  });

  it('[RT-06] is not fed while the loop of a data plane does not turn', async () => {
    const service = new Service(9000);
    await service.reports.ready();
    await pass(0);
    service.take();
    let turn = () => {};
    let beats = 0;
    service.heartbeat = () =>
      new Promise((resolve) => {
        beats++;
        turn = resolve;
      });
    await pass(30_000);
    expect({ sent: service.take(), beats }).toEqual({ sent: [], beats: 1 });
    turn();
    await pass(0);
    expect(service.take()).toEqual(['WATCHDOG=1']);
  });

  it('is not fed where there is none', async () => {
    const service = new Service();
    await service.reports.ready();
    await pass(600_000);
    expect(service.take()).not.toContain('WATCHDOG=1');
  });
});

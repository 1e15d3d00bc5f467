import { Counters } from '@navalis/engine';
import { createLogger } from '@navalis/telemetry';
import { describe, expect, it } from 'vitest';
import { degradationReasonsOf } from '../../src/health/degradation-reasons.ts';
import { Degradations } from '../../src/health/degradations.ts';
import { degradedReport, healthOf } from '../../src/health/degraded-report.ts';
import type { HostEvent } from '../../src/hooks/host-event.ts';
import { statusPage } from '../../src/status/status-page.ts';
import type { StatusReport } from '../../src/status/status-report.ts';
import { stateSentence } from '../../src/systemd/state-sentence.ts';
import { deafObserver } from '../fakes.ts';

const details = { sentence: 'IPv6 forwarding is off.', evidence: 'all.forwarding = 0', cure: 'Switch it on.' };

async function degradationsWithLog() {
  const log: Record<string, unknown>[] = [];
  const destination = { write: (text: string) => void log.push(JSON.parse(text) as Record<string, unknown>) };
  const logger = await createLogger({ level: 'debug', format: 'json', destination });
  const clock = { now: '2026-01-01T00:00:00.000Z', setByMs: 0 };
  const told: HostEvent[] = [];
  const boot = () => Date.parse(clock.now);
  const time = { boot, wall: () => boot() + clock.setByMs };
  const degradations = new Degradations(logger, time, {
    events: { tell: (event) => void told.push(event) },
    stateChanged: () => undefined,
  });
  return { log, clock, told, degradations };
}

function report(state: StatusReport['state']): StatusReport {
  const counters = new Counters().snapshot();
  return { role: 'relay', version: '1.2.3', state, since: '2025-12-31T00:00:00.000Z', peers: 0, counters };
}

describe('degradations', () => {
  it('are logged once at the start and once at the end, and keep the time of their start', async () => {
    const { log, clock, told, degradations } = await degradationsWithLog();
    degradations.raise('forwarding-off', details);
    clock.now = '2026-01-01T00:01:00.000Z';
    degradations.raise('forwarding-off', details);
    expect(log.map(({ msg }) => msg)).toEqual(['IPv6 forwarding is off. Switch it on.']);
    expect(log[0]).toMatchObject({ level: 40, event: 'degraded', reason: 'forwarding-off', cure: 'Switch it on.' });
    expect(degradations.active).toEqual([{ reason: 'forwarding-off', since: '2026-01-01T00:00:00.000Z', ...details }]);
    clock.setByMs = 3_600_000;
    expect(degradations.active).toMatchObject([{ since: '2026-01-01T01:00:00.000Z' }]);
    degradations.clear('forwarding-off');
    degradations.clear('forwarding-off');
    expect(log.map(({ msg }) => msg).slice(1)).toEqual(['The kernel forwards IPv6 packets now.']);
    expect(told).toEqual([
      { event: 'degraded', reason: 'forwarding-off', ...details },
      { event: 'recovered', reason: 'forwarding-off' },
    ]);
    expect(degradations.active).toEqual([]);
  });

  it('are announced each time they change', () => {
    let changes = 0;
    const logger = { warn: () => undefined, info: () => undefined } as never;
    const degradations = new Degradations(
      logger,
      { boot: () => 0, wall: () => 0 },
      {
        ...deafObserver,
        stateChanged: () => void changes++,
      },
    );
    degradations.clear('forwarding-off');
    degradations.drop('forwarding-off');
    expect(changes).toBe(0);
    degradations.raise('forwarding-off', details);
    degradations.raise('forwarding-off', details);
    expect(changes).toBe(1);
    degradations.clear('forwarding-off');
    expect(changes).toBe(2);
    degradations.raise('forwarding-off', details);
    degradations.drop('forwarding-off');
    expect(changes).toBe(4);
  });

  it('are logged again when the sentence changes for the same reason', async () => {
    const { log, degradations } = await degradationsWithLog();
    degradations.raise('address-gone', { ...details, sentence: 'One is gone.' });
    degradations.raise('address-gone', { ...details, sentence: 'Two are gone.' });
    expect(log).toHaveLength(2);
    expect(degradations.active.map(({ sentence }) => sentence)).toEqual(['Two are gone.']);
  });

  it('end without a log line when their subject is gone', async () => {
    const { log, degradations } = await degradationsWithLog();
    degradations.raise('interface', details);
    degradations.drop('interface');
    expect(log).toHaveLength(1);
    expect(degradations.active).toEqual([]);
  });
});

describe('a report', () => {
  it.each(['running', 'qualified'] as const)('says degraded instead of %s', async (state) => {
    const { degradations } = await degradationsWithLog();
    expect(degradedReport(report(state), degradations.active)).toEqual(report(state));
    degradations.raise('forwarding-off', details);
    expect(degradedReport(report(state), degradations.active)).toMatchObject({
      state: 'degraded',
      since: '2026-01-01T00:00:00.000Z',
      degraded: [{ reason: 'forwarding-off', ...details }],
    });
  });

  it('keeps a state that already reports a failure', async () => {
    const { degradations } = await degradationsWithLog();
    degradations.raise('interface', details);
    const off = degradedReport(report('off-line'), degradations.active);
    expect(off).toMatchObject({ state: 'off-line', since: '2025-12-31T00:00:00.000Z', degraded: [{}] });
  });

  it('shows a refused reload, which leaves the role at work', () => {
    const refusedReload = { since: '2026-01-01T00:00:00.000Z', sentence: 'The configuration stays as it was.' };
    const refused = { ...report('running'), refusedReload };
    expect(healthOf(refused)).toEqual({ body: { state: 'running', refusedReload }, isHealthy: true });
    expect(statusPage(refused, Date.parse('2026-01-01T00:01:00Z'))).toMatch(
      /Reload +refused 60 s ago\. The configuration stays as it was\.\n/,
    );
  });

  it('carries its cause to health, status and service manager, which work out none of their own', () => {
    const cause = { reason: 'server-silent', since: '2026-01-01T00:00:00.000Z', sentence: 'Why.', cure: 'Cure.' };
    const off: StatusReport = { ...report('off-line'), role: 'client', offlineReason: 'server-silent', cause };
    expect(healthOf(off).body).toMatchObject({ cause });
    expect(statusPage(off, Date.parse(cause.since))).toMatch(/Reason +Why\.\n +Cure +Cure\.\n/);
    expect(stateSentence(off)).toBe('Off-line: why. Cure.');
    const { cause: own } = degradedReport({ ...off, cause: undefined as never }, []);
    expect(own).toMatchObject({ reason: 'server-silent', since: '2025-12-31T00:00:00.000Z' });
  });

  it('is shown to people with the sentence and the cure', async () => {
    const { degradations } = await degradationsWithLog();
    degradations.raise('forwarding-off', details);
    const page = statusPage(degradedReport(report('running'), degradations.active), Date.parse('2026-01-01T00:01:00Z'));
    expect(page).toMatch(/State +degraded for 60 s/);
    expect(page).toMatch(/Degraded +forwarding-off: IPv6 forwarding is off\. Switch it on\./);
  });
});

describe('reasons to be degraded', () => {
  it('are those of the role', () => {
    expect(degradationReasonsOf('server')).toEqual(['address-gone', 'no-ipv6-connectivity', 'send-failed']);
    expect(degradationReasonsOf('relay')).toContain('forwarding-off');
    expect(degradationReasonsOf('client')).not.toContain('forwarding-off');
  });
});

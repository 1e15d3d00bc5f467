import type { Role } from '@navalis/config';
import { Counters } from '@navalis/engine';
import { createMetrics } from '@navalis/telemetry';
import { metricReasonsOf } from '../../src/health/metric-reasons.ts';

/** Returns the metrics of a role before anything happened. */
export async function scrape(role: Role): Promise<string> {
  const metrics = await createMetrics(role, '1.2.3', metricReasonsOf(role));
  return metrics.render({ state: 'initial', peers: 0, degraded: [], counters: new Counters().snapshot() });
}

/** Returns the names of all metrics in a scrape. */
export function metricNames(text: string): readonly string[] {
  return [...text.matchAll(/^# TYPE (\S+) /gm)].map((match) => match[1]!);
}

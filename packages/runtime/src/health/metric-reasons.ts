import type { Role } from '@navalis/config';
import { peerPathKinds } from '@navalis/engine';
import type { MetricReasons } from '@navalis/telemetry';
import type { StatusReport } from '../status/status-report.ts';
import { waitingReasons } from '../waiting/needs.ts';
import { turnBoundsMs } from '../worker/loop/loop-load.ts';
import { unannouncedReasons } from './announcement-report.ts';
import { degradationReasonsOf } from './degradation-reasons.ts';
import { dropReasonsOf } from './drop-explanations.ts';

const ofClient: readonly StatusReport['state'][] = ['starting', 'qualified', 'off-line', 'disabled'];

const statesOf: Readonly<Record<Role, readonly StatusReport['state'][]>> = {
  client: ofClient,
  server: ['running', 'draining'],
  relay: ['running', 'draining'],
  'host-relay': ['running', ...ofClient],
};

/** Returns the labels that the metrics of a role can have. */
export function metricReasonsOf(role: Role): MetricReasons {
  const isClient = role === 'client' || role === 'host-relay';
  return {
    states: ['initial', 'waiting', ...statesOf[role], 'degraded', 'stopped'],
    degraded: degradationReasonsOf(role),
    waiting: waitingReasons,
    drops: dropReasonsOf(role),
    ...(role !== 'server' && {
      paths: peerPathKinds,
      routes: isClient ? ['service-prefix', 'default'] : ['service-prefix'],
    }),
    ...(role === 'host-relay' && { functions: ['relay', 'client'] }),
    isClient,
    needsForwarding: role === 'relay',
    ...(role === 'relay' && { unannounced: unannouncedReasons }),
    turnBoundsMs,
  };
}

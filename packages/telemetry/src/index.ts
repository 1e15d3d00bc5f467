/**
 * Logs and metrics of the Navalis programs.
 *
 * - {@link EventNarrator} turns events into log lines.
 * - {@link createLogger} creates the logger that writes them.
 * - {@link createMetrics} turns counters into Prometheus metrics.
 *
 * @packageDocumentation
 */

export { disabledExplanations, offlineExplanationsOf, type ReasonExplanation } from './client-reasons.ts';
export { type DropExplanation, type DropPlace, dropExplanations, dropExplanationsOf } from './drop-explanations.ts';
export { type DropRole, dropRoles } from './drop-roles.ts';
export {
  disabledDescription,
  EventNarrator,
  type LogLine,
  natDescriptions,
  offlineDescription,
} from './event-narrator.ts';
export { failureLine } from './journal.ts';
export { createLogger, type LogDestination, type LoggedLine, type Logger, type LoggerOptions } from './logger.ts';
export { createMetrics, type MetricReasons, type Metrics, type MetricsInput } from './metrics.ts';
export { turnFailureDescription, turnFailureSentence, turnFailures } from './turn-failures.ts';

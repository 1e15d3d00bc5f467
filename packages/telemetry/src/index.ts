export { type DropExplanation, type DropPlace, dropExplanations } from './drop-explanations.ts';
export { EventNarrator, type LogLine, natDescriptions } from './event-narrator.ts';
export { failureLine } from './journal.ts';
export { createLogger, type Logger, type LoggerOptions } from './logger.ts';
export { createMetrics, type MetricReasons, type Metrics, type MetricsInput } from './metrics.ts';

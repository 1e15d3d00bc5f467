import {
  type Configuration,
  type ConfigurationSources,
  changedKeys,
  configurationInEffect,
  loadConfiguration,
} from '@navalis/config';
import type { Logger } from '@navalis/telemetry';

/**
 * Reads the configuration again; logs the changed keys and those that take effect at the next start. Returns the configuration in
 * effect, or `current` itself after a mistake.
 */
export function reload(current: Configuration, sources: ConfigurationSources, logger: Logger): Configuration {
  let next: Configuration;
  let now: Configuration;
  try {
    next = loadConfiguration(current.role, sources);
    now = configurationInEffect(current, next);
  } catch (error) {
    logger.error(`The configuration stays as it was: ${(error as Error).message}`);
    return current;
  }
  const changed = changedKeys(current, next);
  const waiting = changedKeys(now, next);
  logger.info(`Configuration read again: ${changed.length === 0 ? 'nothing' : changed.join(', ')} changed.`);
  if (waiting.length > 0) logger.warn(`These keys take effect at the next start: ${waiting.join(', ')}.`);
  for (const warning of next.warnings) logger.warn(warning);
  // Last, so that a level that hides them does not hide these lines.
  logger.level = next.logLevel;
  return now;
}

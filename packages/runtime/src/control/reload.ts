import { type Configuration, type ConfigurationSources, changedKeys, loadConfiguration } from '@navalis/config';
import type { Logger } from '@navalis/telemetry';

/**
 * Reads the configuration again, applies what can be applied without losing peers, and says what changed and what waits
 * for the next start. Answers the configuration that now holds; a mistake leaves everything as it was.
 */
export function reload(current: Configuration, sources: ConfigurationSources, logger: Logger): Configuration {
  let next: Configuration;
  try {
    next = loadConfiguration(current.role, sources);
  } catch (error) {
    logger.error(`The configuration stays as it was: ${(error as Error).message}`);
    return current;
  }
  const changed = changedKeys(current, next);
  const waiting = changed.filter((name) => name !== 'log-level');
  logger.info(`Configuration read again: ${changed.length === 0 ? 'nothing' : changed.join(', ')} changed.`);
  if (waiting.length > 0) logger.warn(`What takes effect at the next start only: ${waiting.join(', ')}.`);
  // Last, so that a level that hides them does not hide these lines.
  logger.level = next.logLevel;
  return { ...current, logLevel: next.logLevel, keyValues: { ...current.keyValues, 'log-level': next.logLevel } };
}

import { type Configuration, type ConfigurationSources, changedKeys, loadConfiguration } from '@navalis/config';
import type { Logger } from '@navalis/telemetry';

/**
 * Reads the configuration again; logs the changed keys and those that take effect at the next start. Returns the
 * configuration in effect, with the keys that change at run time: the log level, the program for events and, on a server that
 * has any, the secrets of clients. Returns `current` itself after a mistake.
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
  const now = atWork(current, next);
  const waiting = changedKeys(now, next);
  logger.info(`Configuration read again: ${changed.length === 0 ? 'nothing' : changed.join(', ')} changed.`);
  if (waiting.length > 0) logger.warn(`These keys take effect at the next start: ${waiting.join(', ')}.`);
  for (const warning of next.warnings) logger.warn(warning);
  // Last, so that a level that hides them does not hide these lines.
  logger.level = next.logLevel;
  return now;
}

function atWork(current: Configuration, next: Configuration): Configuration {
  const { logLevel, hook } = next;
  const keyValues = {
    ...current.keyValues,
    'log-level': logLevel,
    'on-event': next.keyValues['on-event'],
    'on-event-timeout': next.keyValues['on-event-timeout'],
  } as Configuration['keyValues'];
  // A server without secrets treats clients that send one differently from a server with secrets.
  const hasKeys = current.role === 'server' && current.engine.clientKeys !== undefined;
  if (!hasKeys || next.role !== 'server' || next.engine.clientKeys === undefined) {
    return { ...current, logLevel, hook, keyValues };
  }
  return {
    ...current,
    logLevel,
    hook,
    engine: { ...current.engine, clientKeys: next.engine.clientKeys },
    secretDigests: { ...current.secretDigests, 'client-keys': next.secretDigests['client-keys']! },
    keyValues: { ...keyValues, 'client-keys': next.keyValues['client-keys']! },
  };
}

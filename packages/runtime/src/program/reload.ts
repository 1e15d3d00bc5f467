import {
  type Configuration,
  type ConfigurationSources,
  changedKeys,
  configurationInEffect,
  loadConfiguration,
} from '@navalis/config';
import type { Logger } from '@navalis/telemetry';
import { hostTime, Moment, type MomentTime } from '../scheduling/time.ts';
import type { RefusedReload } from '../status/status-report.ts';

/** The mistake of the last reload, until one succeeds. */
export class ReloadRefusal {
  readonly #time: MomentTime;
  #refused: { readonly since: Moment; readonly sentence: string } | undefined;

  constructor(time: MomentTime) {
    this.#time = time;
  }

  get report(): RefusedReload | undefined {
    return this.#refused && { since: this.#refused.since.text, sentence: this.#refused.sentence };
  }

  record(sentence: string): void {
    this.#refused = { since: this.#refused?.since ?? new Moment(this.#time), sentence };
  }

  clear(): void {
    this.#refused = undefined;
  }
}

/**
 * Reads the configuration again; logs the changed keys and those that take effect at the next start. Returns the configuration in
 * effect, or `current` itself after a mistake, which `refusal` records.
 */
export function reload(
  current: Configuration,
  sources: ConfigurationSources,
  logger: Logger,
  refusal: ReloadRefusal = new ReloadRefusal(hostTime),
): Configuration {
  let next: Configuration;
  let now: Configuration;
  try {
    next = loadConfiguration(current.role, sources);
    now = configurationInEffect(current, next);
  } catch (error) {
    const sentence = `The configuration stays as it was: ${(error as Error).message}`;
    logger.error(sentence);
    refusal.record(sentence);
    return current;
  }
  refusal.clear();
  const changed = changedKeys(current, next);
  const waiting = changedKeys(now, next);
  logger.info(`Configuration read again: ${changed.length === 0 ? 'nothing' : changed.join(', ')} changed.`);
  if (waiting.length > 0) logger.warn(`These keys take effect at the next start: ${waiting.join(', ')}.`);
  for (const warning of next.warnings) logger.warn(warning);
  // Last, so that a level that hides them does not hide these lines.
  logger.level = next.logLevel;
  return now;
}

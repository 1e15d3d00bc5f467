import { type Logger, pino } from 'pino';
import { isJournal, journalLine, journalPriority } from './journal.ts';

export type { Logger } from 'pino';

export interface LoggerOptions {
  /** One of pino's levels, or `silent`. */
  readonly level: string;
  /** `pretty`: lines for people; `json`: one object each. */
  readonly format: 'pretty' | 'json';
  /** Where lines go instead of to a descriptor. */
  readonly destination?: LogDestination;
  /** Where lines go; default: standard output. The systemd journal gives each line a time and a priority of its own. */
  readonly descriptor?: number;
}

export interface LogDestination {
  write(text: string): unknown;
}

/** A logger that writes each line before it returns, so that the last line before an end is not lost. */
export async function createLogger(options: LoggerOptions): Promise<Logger> {
  const { level, format, destination, descriptor = 1 } = options;
  const base = { level, base: null };
  const output = () => destination ?? pino.destination({ fd: descriptor, sync: true });
  if (destination === undefined && isJournal(descriptor)) {
    return pino({ ...base, timestamp: false }, journalStream(format, output()));
  }
  if (format === 'json') return pino(base, output());
  const { default: pretty } = await import('pino-pretty');
  const stream = pretty({
    destination: destination === undefined ? descriptor : sink(destination),
    sync: true,
    colorize: destination === undefined && process.stdout.isTTY === true,
    translateTime: 'SYS:HH:MM:ss.l',
    // The sentence is complete; the fields are for machines.
    hideObject: true,
  });
  return pino(base, stream);
}

/** Receives pino's lines. The priority carries the level, so a line for people is its sentence alone. */
function journalStream(format: LoggerOptions['format'], destination: LogDestination): LogDestination {
  return {
    write(text) {
      const { level, msg } = JSON.parse(text) as { level: number; msg?: string };
      destination.write(journalLine(journalPriority(level), format === 'json' ? text : (msg ?? '')));
    },
  };
}

function sink(destination: LogDestination): NodeJS.WritableStream {
  return destination as NodeJS.WritableStream;
}

import { type Logger, type LoggerOptions as PinoOptions, pino } from 'pino';
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
  /** Receives each line, too. */
  readonly observe?: (line: LoggedLine) => void;
}

/** A written line. */
export interface LoggedLine {
  /** One of pino's levels. */
  readonly level: string;
  /** The kind of the event that it tells, if it does. */
  readonly event: string | undefined;
  readonly sentence: string;
}

export interface LogDestination {
  write(text: string): unknown;
}

/** A logger that writes each line before it returns, so that the last line before an end is not lost. */
export async function createLogger(options: LoggerOptions): Promise<Logger> {
  const { level, format, destination, descriptor = 1, observe } = options;
  const base: PinoOptions = { level, base: null, ...(observe && { hooks: { streamWrite: observing(observe) } }) };
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

function observing(observe: (line: LoggedLine) => void): (text: string) => string {
  return (text) => {
    const { level, event, msg = '' } = JSON.parse(text) as { level: number; event?: string; msg?: string };
    observe({ level: pino.levels.labels[level] ?? 'info', event, sentence: msg });
    return text;
  };
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

import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

export interface LoggerOptions {
  /** One of pino's levels, or `silent`. */
  readonly level: string;
  /** `pretty`: lines for people; `json`: one object each. */
  readonly format: 'pretty' | 'json';
  /** Where lines go; default: standard output. */
  readonly destination?: { write(text: string): unknown };
}

/** A logger that writes each line before it returns, so that the last line before an end is not lost. */
export async function createLogger(options: LoggerOptions): Promise<Logger> {
  const { level, format, destination } = options;
  const base = { level, base: null };
  if (format === 'json') return pino(base, destination ?? pino.destination({ fd: 1, sync: true }));
  const { default: pretty } = await import('pino-pretty');
  const stream = pretty({
    destination: destination === undefined ? 1 : sink(destination),
    sync: true,
    colorize: destination === undefined && process.stdout.isTTY === true,
    translateTime: 'SYS:HH:MM:ss.l',
    // The sentence says it all; the fields are for machines.
    hideObject: true,
  });
  return pino(base, stream);
}

function sink(destination: { write(text: string): unknown }): NodeJS.WritableStream {
  return destination as NodeJS.WritableStream;
}

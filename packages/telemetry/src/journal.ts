import { fstatSync } from 'node:fs';

/** Priorities of syslog (RFC 5424 section 6.2.1), which the journal uses. */
export type JournalPriority = 2 | 3 | 4 | 6 | 7;

/** The highest level of pino that has each priority: `trace` and `debug`, `info`, `warn`, `error`, `fatal`. */
const prioritiesByLevel: readonly (readonly [level: number, priority: JournalPriority])[] = [
  [20, 7],
  [30, 6],
  [40, 4],
  [50, 3],
];

export function journalPriority(level: number): JournalPriority {
  return prioritiesByLevel.find(([highest]) => level <= highest)?.[1] ?? 2;
}

/**
 * Returns true if the output of this process to the descriptor goes to the systemd journal: JOURNAL_STREAM holds device and inode of
 * the journal's end, and is inherited by programs whose output was redirected since (systemd.exec(5)).
 */
export function isJournal(descriptor: number): boolean {
  const { JOURNAL_STREAM: stream = '' } = process.env;
  if (stream === '') return false;
  try {
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    return stream === `${dev}:${ino}`;
  } catch {
    // The descriptor is closed.
    return false;
  }
}

/** Formats a line for the journal, with its priority in front (sd-daemon(3)); a line break would begin another line. */
export function journalLine(priority: JournalPriority, text: string): string {
  return `<${priority}>${text.trimEnd().replace(/\s*\n\s*/g, ' ')}\n`;
}

/** Formats a failure that ends a program for standard error. */
export function failureLine(text: string, descriptor: number = 2): string {
  return isJournal(descriptor) ? journalLine(3, text) : `${text}\n`;
}

const signals = ['SIGTERM', 'SIGINT'] as const;

let isListening = false;

/** The handler of the first signal of each kind. */
let end: (signal: string) => void = (signal) => {
  process.stderr.write(`Stopped by ${signal} before anything was opened.\n`);
  process.exit(0);
};

/** Ends the program with a message on a signal during the load of its code, when nothing needs closing yet. */
export function endAtEarlySignals(): void {
  if (isListening) return;
  isListening = true;
  for (const signal of signals) process.once(signal, () => end(signal));
}

/**
 * Calls `ended` with the next first signal of each kind. The listeners stay: their removal would lose a signal that arrived
 * while this thread was busy.
 */
export function endAtSignals(ended: (signal: string) => void): void {
  end = ended;
  endAtEarlySignals();
}

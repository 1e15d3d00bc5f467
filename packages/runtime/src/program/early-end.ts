const signals = ['SIGTERM', 'SIGINT'] as const;

let isListening = false;

/** Handles the first signal of each kind. */
let end: (signal: string) => void = (signal) => {
  process.stderr.write(`Stopped by ${signal} before anything was opened.\n`);
  process.exit(0);
};

/** Ends the program with a word at a signal that comes while its code is loaded, when there is nothing to close yet. */
export function endAtEarlySignals(): void {
  if (isListening) return;
  isListening = true;
  for (const signal of signals) process.once(signal, () => end(signal));
}

/**
 * Calls `ended` with the first signal of each kind from now on. The listeners stay: taking them off would lose a signal that
 * came while this thread was busy.
 */
export function endAtSignals(ended: (signal: string) => void): void {
  end = ended;
  endAtEarlySignals();
}

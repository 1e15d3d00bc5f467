const signals = ['SIGTERM', 'SIGINT'] as const;

let isListening = false;

/** The handler of signals; returns true if it also takes the next signal of the same kind, which ends the process otherwise. */
let end: (signal: string) => boolean = (signal) => {
  process.stderr.write(`Stopped by ${signal} before anything was opened.\n`);
  process.exit(0);
};

/** Ends the program with a message on a signal during the load of its code, when nothing needs closing yet. */
export function endAtEarlySignals(): void {
  if (isListening) return;
  isListening = true;
  for (const signal of signals) listen(signal);
}

/**
 * Calls `ended` with the next signals of each kind, up to the first for which it returns false. The listeners stay until then: their
 * removal would lose a signal that arrived while this thread was busy.
 */
export function endAtSignals(ended: (signal: string) => boolean): void {
  end = ended;
  endAtEarlySignals();
}

function listen(signal: (typeof signals)[number]): void {
  const handle = () => {
    if (!end(signal)) process.removeListener(signal, handle);
  };
  process.on(signal, handle);
}

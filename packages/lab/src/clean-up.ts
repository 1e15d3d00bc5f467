/** Changes to undo, in the order in which they were made. Undoing is synchronous, so that it also runs while the process exits. */
const pending: (() => void)[] = [];
let watching = false;

const signalNumbers: Readonly<Partial<Record<NodeJS.Signals, number>>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/**
 * Ensures that `undo` runs once: when the returned function is called, or when the process ends, by itself,
 * by an exception, or by SIGINT, SIGTERM or SIGHUP.
 */
export function onCleanUp(undo: () => void): () => void {
  watch();
  pending.push(undo);
  return () => {
    const index = pending.indexOf(undo);
    if (index < 0) return;
    pending.splice(index, 1);
    undo();
  };
}

function watch(): void {
  if (watching) return;
  watching = true;
  process.on('exit', cleanUp);
  for (const [signal, number] of Object.entries(signalNumbers)) {
    process.on(signal, () => process.exit(128 + number));
  }
}

function cleanUp(): void {
  for (let undo = pending.pop(); undo !== undefined; undo = pending.pop()) {
    try {
      undo();
    } catch (error) {
      process.stderr.write(`clean-up: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
}

/** Prints a figure for readers of the test's output; no test depends on it. */
export function report(text: string): void {
  process.stdout.write(`  ${text}\n`);
}

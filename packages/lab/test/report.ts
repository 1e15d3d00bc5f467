/** A figure for whoever reads the test's output; nothing is judged by it. */
export function report(text: string): void {
  process.stdout.write(`  ${text}\n`);
}

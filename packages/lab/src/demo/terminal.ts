import { styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'green' | 'red' | 'cyan' | 'yellow';

/** Lines on the terminal; colours only if standard output is a terminal. */
export class Terminal {
  readonly #coloured: boolean;

  constructor() {
    const { NO_COLOR } = process.env;
    this.#coloured = process.stdout.isTTY === true && NO_COLOR === undefined;
  }

  line(text = ''): void {
    process.stdout.write(`${text}\n`);
  }

  /** A heading, with the time since the process began. */
  step(text: string): void {
    const seconds = (performance.now() / 1000).toFixed(1).padStart(5);
    this.line(`\n${this.paint('dim', `${seconds} s`)}  ${this.paint('bold', text)}`);
  }

  done(text: string): void {
    this.line(`  ${this.paint('green', '+')} ${text}`);
  }

  note(text: string): void {
    this.line(`  ${this.paint('yellow', '-')} ${text}`);
  }

  failure(text: string): void {
    process.stderr.write(`${this.paint('red', 'failed:')} ${text}\n`);
  }

  /** Columns as wide as their widest cell; the first row is the heading. */
  table(rows: readonly (readonly string[])[]): void {
    const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
    rows.forEach((row, index) => {
      const text = row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
      this.line(`    ${index === 0 ? this.paint('dim', text.trimEnd()) : text.trimEnd()}`);
    });
  }

  paint(style: Style, text: string): string {
    return this.#coloured ? styleText(style, text) : text;
  }
}

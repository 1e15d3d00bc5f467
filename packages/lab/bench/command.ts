import { type ParseArgsConfig, parseArgs } from 'node:util';
import { LabError } from '../src/lab-error.ts';

type Options = NonNullable<ParseArgsConfig['options']>;
type Values<Known extends Options> = ReturnType<typeof parseArgs<{ args: string[]; options: Known }>>['values'];

/** Runs a command; its failure is one line on standard error, and exit status 1. */
export async function runCommand(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    process.stderr.write(`failed: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

/** Returns the values of flags. @throws LabError for an unknown flag, or one without its value. */
export function readFlags<const Known extends Options>(args: readonly string[], options: Known): Values<Known> {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new LabError(`${(error as Error).message.split('. ')[0]}. See --help.`);
  }
}

/** Returns the number that a flag has. @throws LabError for another text. */
export function wholeNumber(name: string, text: string, [least, most]: readonly [number, number]): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new LabError(`--${name} is "${text}"; it must be a whole number from ${least} to ${most}.`);
}

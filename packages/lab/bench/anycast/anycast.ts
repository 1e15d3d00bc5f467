import { Laboratory } from '../../src/laboratory.ts';
import { ensurePrivileges } from '../../src/privileges.ts';
import { runCommand } from '../command.ts';
import { AnycastEvents } from './events.ts';
import { flagsFrom, help } from './flags.ts';
import { renderFindings } from './report.ts';
import { buildStage } from './stage.ts';

/** Progress goes to standard error: standard output is the result. */
const tell = (line: string) => void process.stderr.write(`${line}\n`);
const print = (text: string) => void process.stdout.write(`${text}\n\n`);

async function main(): Promise<void> {
  const flags = flagsFrom(process.argv.slice(2));
  if (flags === undefined) return print(help);
  await ensurePrivileges();
  const laboratory = new Laboratory();
  try {
    const stage = await buildStage(laboratory, flags, tell);
    const events = new AnycastEvents(stage, flags, { tell, print });
    await events.run();
    print(renderFindings(events.findings));
    if (events.findings.some(({ isKept }) => !isKept)) process.exitCode = 1;
  } finally {
    await laboratory.close();
  }
}

await runCommand(main);

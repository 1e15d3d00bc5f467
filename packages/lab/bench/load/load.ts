import { Laboratory } from '../../src/laboratory.ts';
import { ensurePrivileges } from '../../src/privileges.ts';
import { runCommand } from '../command.ts';
import { flagsFrom, help, type LaboratoryFlags } from './flags.ts';
import { carry, opened, type Tell } from './measure.ts';
import { beginOthers, endOthers } from './one-address.ts';
import { loadOwnServers } from './operator.ts';
import { endServers } from './outage.ts';
import { type LoadResult, renderLoad } from './report.ts';
import { buildStage } from './stage.ts';
import { watchUsage } from './usage.ts';

async function main(): Promise<void> {
  const flags = flagsFrom(process.argv.slice(2));
  if (flags === undefined) return void process.stdout.write(`${help}\n`);
  const result = flags.kind === 'operator' ? await loadOwnServers(flags, tell) : await loadLaboratory(flags);
  process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : `\n${renderLoad(result)}\n`);
}

async function loadLaboratory(flags: LaboratoryFlags): Promise<LoadResult> {
  await ensurePrivileges();
  const laboratory = new Laboratory();
  try {
    const { generator, programs, servers, others } = await buildStage(laboratory, flags);
    if (others !== undefined) beginOthers(others);
    const first = await opened(generator, flags, tell);
    const usage = watchUsage(programs);
    const carried = await carry(generator, flags);
    const used = usage();
    const oneAddress = others && (await endOthers(others, servers));
    const outage = flags.kill > 0 ? await endServers(generator, servers, flags.kill, tell) : undefined;
    return { opened: first, carried, usage: used, oneAddress, outage };
  } finally {
    await laboratory.close();
  }
}

/** Progress goes to standard error: standard output is the result. */
const tell: Tell = (line) => void process.stderr.write(`${line}\n`);

await runCommand(main);

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { Bench } from 'tinybench';
import { LabError } from '../src/lab-error.ts';
import { repositoryPath } from '../src/repository.ts';
import { runCommand } from './command.ts';
import { codecSubjects } from './micro/codec-subjects.ts';
import { engineSubjects } from './micro/engine-subjects.ts';
import { alarmingRatio, compare, type Figures, renderComparison, roundNs } from './micro/figures.ts';
import { offloadSubjects } from './micro/offload-subjects.ts';
import { peerSubjects } from './micro/peer-subjects.ts';
import type { Subject } from './micro/subject.ts';

const figuresFile = 'docs/figures/micro.json';
const help = `Usage: npm run bench:micro [-- FLAGS]

Measures the small parts of the packet path, and compares with ${figuresFile}. The exit status is 1 when something takes more
than ${alarmingRatio} times what it took on the same processor.

  --only TEXT  what has this in its name
  --save       make these the figures to compare with
  --help       this text`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { only: { type: 'string', default: '' }, save: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help) return void process.stdout.write(`${help}\n`);
  const subjects = [...peerSubjects(), ...engineSubjects(), ...offloadSubjects(), ...codecSubjects()].filter(
    ({ name }) => name.includes(values.only),
  );
  if (subjects.length === 0) throw new LabError(`--only is "${values.only}", which no name contains.`);
  const figures: Figures = {
    machine: { processor: cpus()[0]?.model ?? 'unknown', kernel: release(), node: process.version },
    date: new Date().toISOString().slice(0, 10),
    nanoseconds: await measure(subjects),
  };
  const before = committedFigures();
  const rows = compare(figures, before);
  process.stdout.write(`${renderComparison(rows)}\n`);
  if (before !== undefined && before.machine.processor !== figures.machine.processor) {
    process.stdout.write(`The committed figures come from another processor: ${before.machine.processor}.\n`);
  }
  if (values.save) save(figures, before);
  else if (rows.some(({ isSlower }) => isSlower)) process.exitCode = 1;
}

/** The median of many short rounds of each subject. */
async function measure(subjects: readonly Subject[]): Promise<Record<string, number>> {
  const bench = new Bench({ time: 1_000, warmupTime: 300 });
  const answers = new Map<string, number>();
  for (const { name, run } of subjects) bench.add(name, () => void answers.set(name, run()));
  for (const { name, run, isRight } of subjects) {
    if (!isRight(run())) throw new LabError(`"${name}" does not do what it should.`);
  }
  await bench.run();
  return Object.fromEntries(
    subjects.map(({ name, operations, isRight }) => {
      const { result } = bench.getTask(name)!;
      if (!('latency' in result) || !isRight(answers.get(name)!)) throw new LabError(`"${name}" failed.`);
      return [name, roundNs((result.latency.p50 * 1e6) / operations)];
    }),
  );
}

function committedFigures(): Figures | undefined {
  const file = repositoryPath(figuresFile);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Figures) : undefined;
}

/** Writes the figures; those that this run did not measure stay. */
function save(figures: Figures, before: Figures | undefined): void {
  const nanoseconds = { ...before?.nanoseconds, ...figures.nanoseconds };
  writeFileSync(repositoryPath(figuresFile), `${JSON.stringify({ ...figures, nanoseconds }, null, 2)}\n`);
}

await runCommand(main);

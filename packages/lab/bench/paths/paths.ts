import { availableParallelism, cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { LabError } from '../../src/lab-error.ts';
import { Laboratory } from '../../src/laboratory.ts';
import type { Carriage } from '../../src/network/link.ts';
import { ensurePrivileges } from '../../src/privileges.ts';
import { runCommand, wholeNumber } from '../command.ts';
import { type PathMeasure, type RoundFigures, renderPaths, summarisePaths } from './figures.ts';
import { natMeasures, openNatPath } from './nat-path.ts';
import type { Step } from './path.ts';
import { openTurnPath, turnMeasures } from './turn-path.ts';

/** A laboratory of its own for each. */
const subjects: readonly {
  readonly measures: readonly PathMeasure[];
  readonly open: (laboratory: Laboratory, carriage: Carriage) => Promise<readonly Step[]>;
}[] = [
  { measures: turnMeasures, open: openTurnPath },
  { measures: natMeasures, open: openNatPath },
];

const help = `Usage: npm run bench:paths [-- FLAGS]

Measures what the paths carry that a client takes when the plain one does not exist: a TURN server, compared with what a plain
client of it gets through; random ports and a mapping of the router, compared with the plain path. Prints medians over the rounds,
and ratios within each round. Needs root.

  --only TEXT      what has this in its name, such as "coturn up", and what that is compared with
  --rounds N       how often each measurement is made (5)
  --seconds N      how long each one takes (3)
  --offloads WHICH on or off: whether the links carry super-segments (on)
  --help           this text`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
      offloads: { type: 'string', default: 'on' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return void process.stdout.write(`${help}\n`);
  const wanted = subjects.map(({ open, measures }) => ({ open, measures: chosenFrom(measures, values.only) }));
  if (wanted.every(({ measures }) => measures.length === 0)) {
    throw new LabError(`--only is "${values.only}", which no name contains.`);
  }
  const rounds = wholeNumber('rounds', values.rounds, [1, 100]);
  const seconds = wholeNumber('seconds', values.seconds, [1, 100]);
  const carriage = carriageFrom(values.offloads);
  await ensurePrivileges();
  for (const { open, measures } of wanted.filter((each) => each.measures.length > 0)) {
    const laboratory = new Laboratory();
    try {
      const names = new Set(measures.map(({ name }) => name));
      const steps = (await open(laboratory, carriage)).filter(([name]) => names.has(name));
      const figures = await measure(steps, rounds, seconds);
      process.stdout.write(`\n${renderPaths(summarisePaths(measures, figures))}\n`);
    } finally {
      await laboratory.close();
    }
  }
  const machine = `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} processors, Linux ${release()}`;
  process.stdout.write(`\nMedians of ${rounds} rounds on: ${machine}, Node ${process.version}\n`);
}

/** Takes all steps in each round, and the other way round in every second one. */
async function measure(steps: readonly Step[], rounds: number, seconds: number): Promise<readonly RoundFigures[]> {
  const figures: RoundFigures[] = [];
  for (let round = 1; round <= rounds; round++) {
    const found: Record<string, number> = {};
    for (const [name, take] of round % 2 === 1 ? steps : steps.toReversed()) {
      found[name] = await take(seconds);
      process.stderr.write(`round ${round} of ${rounds}: ${name} ${found[name].toFixed(0)}\n`);
    }
    figures.push(found);
  }
  return figures;
}

/** Returns the measures with a text in their names, and those that they are compared with. */
function chosenFrom(measures: readonly PathMeasure[], text: string): readonly PathMeasure[] {
  const chosen = measures.filter(({ name }) => name.includes(text));
  return measures.filter((each) => chosen.some(({ name, reference }) => each.name === name || each.name === reference));
}

function carriageFrom(text: string): Carriage {
  if (text === 'on') return 'super-segments';
  if (text === 'off') return 'single-packets';
  throw new LabError(`--offloads is "${text}"; it must be "on" or "off".`);
}

await runCommand(main);

import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { LabError } from '../src/lab-error.ts';
import type { Carriage } from '../src/link.ts';
import { ensurePrivileges } from '../src/privileges.ts';
import type { Contestant, Sample } from './contestants.ts';
import { type Effort, type MeasureGroup, measureGroups } from './measures.ts';
import { drawPicture } from './picture.ts';
import { measureRound } from './round.ts';
import { type Scene, sceneries } from './scenery.ts';
import { summarise } from './summary.ts';
import { renderMarkdown, renderText, tablesOf } from './table.ts';

const help = `Usage: npm run bench [-- FLAGS]

Runs miredo, Navalis and plain IPv6 in turn through the same namespaces, several rounds, and prints medians and ratios.
Needs root. The figures of other work on the machine are in it: let it rest.

  --quick          one round of short measures, less than three minutes
  --rounds N       how often every contestant has its turn (5; quick 1)
  --only GROUPS    some of ${measureGroups.map(({ name }) => name).join(',')}
  --against NAMES  some of miredo,link to compare with (both); "none" for Navalis alone
  --offloads WHICH on, off or both: whether the link carries super-segments (both)
  --scene WHICH    cables (every two machines have one), street (all on one switch, IPv6 behind the relay) or internet
                   (clients behind NATs, a router between) (cables)
  --json FILE      every sample and the summary
  --svg FILE       a picture of the summary
  --markdown FILE  the tables for a page
  --help           this text`;

const thorough: Effort = { streamSeconds: 3, packetSeconds: 2, pings: 1000, starts: 5, thorough: true };
const quick: Effort = { streamSeconds: 1, packetSeconds: 1, pings: 200, starts: 1, thorough: false };

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      only: { type: 'string' },
      against: { type: 'string', default: 'miredo,link' },
      offloads: { type: 'string', default: 'both' },
      scene: { type: 'string', default: 'cables' },
      json: { type: 'string' },
      svg: { type: 'string' },
      markdown: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(`${help}\n`);
  const rounds = roundsFrom(values.rounds, values.quick ? 1 : 5);
  const groups = groupsFrom(values.only);
  const contestants = contestantsFrom(values.against);
  const carriages = carriagesFrom(values.offloads);
  const scene = sceneFrom(values.scene);
  await ensurePrivileges();

  const samples: Sample[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const carriage of carriages) {
      tell(`round ${round} of ${rounds}`);
      const wanted =
        carriage === 'super-segments' || !values.quick ? groups : groups.filter(({ name }) => name === 'tcp');
      const effort = values.quick ? quick : thorough;
      samples.push(...(await measureRound({ scene, carriage }, contestants, wanted, effort, tell)));
    }
  }
  const rows = summarise(samples);
  const machine = describeMachine();
  const tables = tablesOf(rows);
  process.stdout.write(`\n${renderText(tables)}\n\nOn: ${JSON.stringify(machine)}\n`);
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ machine, rounds, rows, samples }, null, 1)}\n`);
  if (values.markdown !== undefined) writeFileSync(values.markdown, `${renderMarkdown(tables)}\n`);
  if (values.svg !== undefined)
    writeFileSync(values.svg, drawPicture(rows, `Median of ${rounds} rounds, ${machine.processors} processors`));
}

/** What figures depend on. */
function describeMachine() {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    processors: availableParallelism(),
    kernel: release(),
    tcpCongestionControl: readFileSync('/proc/sys/net/ipv4/tcp_congestion_control', 'utf8').trim(),
    node: process.version,
  };
}

function roundsFrom(text: string | undefined, usual: number): number {
  const rounds = text === undefined ? usual : Number(text);
  if (Number.isInteger(rounds) && rounds >= 1 && rounds <= 100) return rounds;
  throw new LabError(`--rounds is "${text}"; it must be a whole number from 1 to 100.`);
}

function groupsFrom(text: string | undefined): readonly MeasureGroup[] {
  if (text === undefined) return measureGroups;
  return text.split(',').map((name) => {
    const group = measureGroups.find((each) => each.name === name);
    if (group !== undefined) return group;
    throw new LabError(`--only names "${name}"; it may name ${measureGroups.map((each) => each.name).join(', ')}.`);
  });
}

function contestantsFrom(text: string): readonly Contestant[] {
  if (text === 'none') return ['navalis'];
  const others = text.split(',').map((name): Contestant => {
    if (name === 'miredo' || name === 'link') return name;
    throw new LabError(`--against names "${name}"; it may name miredo and link, or be "none".`);
  });
  return [...others, 'navalis'];
}

function carriagesFrom(text: string): readonly Carriage[] {
  switch (text) {
    case 'on':
      return ['super-segments'];
    case 'off':
      return ['single-packets'];
    case 'both':
      return ['super-segments', 'single-packets'];
    default:
      throw new LabError(`--offloads is "${text}"; it must be "on", "off" or "both".`);
  }
}

function sceneFrom(text: string): Scene {
  if (Object.hasOwn(sceneries, text)) return text as Scene;
  throw new LabError(`--scene is "${text}"; it must be one of ${Object.keys(sceneries).join(', ')}.`);
}

/** Progress goes to standard error: standard output is the result. */
function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

try {
  await main();
} catch (error) {
  tell(`failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, release } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { LabError } from '../src/lab-error.ts';
import type { Carriage } from '../src/network/link.ts';
import { ensurePrivileges } from '../src/privileges.ts';
import { repositoryPath } from '../src/repository.ts';
import { runCommand } from './command.ts';
import type { Checkouts, Contestant, Sample } from './contestants.ts';
import { type Effort, groupsFrom, measureGroups } from './measures.ts';
import { drawPicture } from './picture.ts';
import { measureRound } from './round.ts';
import type { Scene } from './scene.ts';
import { sceneries } from './scenery.ts';
import { summarise } from './summary.ts';
import { renderMarkdown, renderText, tablesOf } from './table.ts';

const help = `Usage: npm run bench [-- FLAGS]

Runs miredo, Navalis and plain IPv6 in turn through the same namespaces, several rounds, and prints medians and ratios.
Needs root. The figures of other work on the machine are in it: let it rest.

  --quick          one round of short measures, less than three minutes
  --rounds N       how often every contestant has its turn (5; quick 1)
  --only GROUPS    some of ${measureGroups.map(({ name }) => name).join(',')}
  --against NAMES  some of miredo,link to compare with (both); "none" for Navalis alone
  --before FOLDER  another checkout of Navalis, built, to compare with in place of the others: each step is taken by both,
                   and the ratio of each round is shown
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
      before: { type: 'string' },
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
  const contestants: readonly Contestant[] =
    values.before === undefined ? contestantsFrom(values.against) : ['before', 'navalis'];
  const checkouts: Checkouts = { navalis: repositoryPath('.'), before: checkoutFrom(values.before) };
  const carriages = carriagesFrom(values.offloads);
  const scene = sceneFrom(values.scene);
  await ensurePrivileges();

  const samples: Sample[] = [];
  for (let number = 1; number <= rounds; number++) {
    for (const carriage of carriages) {
      tell(`round ${number} of ${rounds}`);
      const wantedGroups =
        carriage === 'super-segments' || !values.quick ? groups : groups.filter(({ name }) => name === 'tcp');
      const effort = values.quick ? quick : thorough;
      const round = { number, setting: { scene, carriage }, contestants, checkouts, groups: wantedGroups, effort };
      samples.push(...(await measureRound(round, tell)));
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

/** Returns the properties of the machine on which figures depend. */
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

/** @throws LabError when no programs were built there. */
function checkoutFrom(folder: string | undefined): string | undefined {
  if (folder === undefined || existsSync(join(folder, 'apps/client/dist/main.js'))) return folder && resolve(folder);
  throw new LabError(`--before is "${folder}"; it must be a checkout of Navalis in which \`npm run build\` was run.`);
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

await runCommand(main);

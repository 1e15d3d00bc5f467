import { parseArgs } from 'node:util';
import { LabError } from '../../src/lab-error.ts';
import { ensurePrivileges } from '../../src/privileges.ts';
import type { Checkouts, Sample } from '../contestants.ts';
import { type Effort, groupsFrom, type MeasureGroup, measureGroups } from '../measures.ts';
import { measureRound } from '../round.ts';
import { builtCheckout, commitOf, lastReleaseOf } from './checkouts.ts';
import { firstRounds, judge, regressions, renderVerdicts, secondRounds, type Verdict } from './decision.ts';

const help = `Usage: npm run bench:gate [-- FLAGS]

Builds two commits in folders of their own, runs both alternately in one laboratory, and ends with status 1 when the later one is worse in
some figure, or 2 when it cannot measure. What is worse in all of ${firstRounds} rounds is measured again in ${secondRounds}. Needs root and a quiet
machine.

  --before COMMIT  the earlier commit (the last release tag)
  --after COMMIT   the later one (HEAD)
  --only GROUPS    some of ${measureGroups.map(({ name }) => name).join(',')} (all)
  --help           this text`;

const effort: Effort = { streamSeconds: 1, packetSeconds: 1, pings: 200, starts: 1, thorough: false };

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      before: { type: 'string' },
      after: { type: 'string', default: 'HEAD' },
      only: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(`${help}\n`);
  const groups = groupsFrom(values.only);
  const after = commitOf(values.after);
  const earlier = values.before ?? lastReleaseOf(after);
  if (earlier === undefined)
    throw new LabError('There is no release tag to compare with: name a commit with --before.');
  const before = commitOf(earlier);
  await ensurePrivileges();

  const checkouts: Checkouts = {
    before: await builtCheckout(before, tell),
    navalis: await builtCheckout(after, tell),
  };
  const first = await verdictsOf(groups, firstRounds, checkouts);
  process.stdout.write(`${earlier} and ${values.after}, ${firstRounds} rounds\n\n${renderVerdicts(first)}\n\n`);
  const suspects = first.filter(({ isWorse }) => isWorse);
  const suspectGroups = groups.filter(({ name }) => suspects.some(({ group }) => group === name));
  const second = suspects.length === 0 ? [] : await verdictsOf(suspectGroups, secondRounds, checkouts);
  const found = regressions(first, second);
  if (second.length > 0) {
    process.stdout.write(`The groups of worse figures again, ${secondRounds} rounds\n\n${renderVerdicts(second)}\n\n`);
  }
  if (found.length === 0) {
    process.stdout.write(`No regression: ${first.length} figures.\n`);
    return;
  }
  process.stdout.write(`Regressions\n\n${renderVerdicts(found)}\n`);
  process.exitCode = 1;
}

/** Measures so many rounds of both commits, with super-segments, and judges them. */
async function verdictsOf(
  groups: readonly MeasureGroup[],
  rounds: number,
  checkouts: Checkouts,
): Promise<readonly Verdict[]> {
  const samples: Sample[] = [];
  for (let number = 1; number <= rounds; number++) {
    tell(`round ${number} of ${rounds}`);
    const setting = { scene: 'cables', carriage: 'super-segments' } as const;
    const contestants = ['before', 'navalis'] as const;
    const round = { number, setting, contestants, checkouts, groups, effort };
    samples.push(...(await tried(() => measureRound(round, tell))));
  }
  return judge(samples);
}

/** Makes a second attempt when the first fails: a laboratory may fail to come up on a busy machine. */
async function tried<Result>(attempt: () => Promise<Result>): Promise<Result> {
  try {
    return await attempt();
  } catch (error) {
    tell(`again, since it failed: ${messageOf(error)}`);
    return attempt();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Progress goes to standard error: standard output is the result. */
function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

try {
  await main();
} catch (error) {
  tell(`failed: ${messageOf(error)}`);
  process.exitCode = 2;
}

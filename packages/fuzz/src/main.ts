import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { perform, type Task } from './campaign.ts';
import { decoders } from './decoders.ts';
import { roles } from './stories.ts';
import type { Progress, Share } from './worker.ts';

const usage = `Usage: npm run fuzz [-- FLAGS]

Gives hostile input to every decoder, and random stories of datagrams, packets and time to every engine, and watches
that nothing throws, bounds hold, sources are checked, and nothing is amplified.
  --inputs N    inputs over all decoders (10,000,000)
  --stories N   stories over all roles (100,000)
  --seed N      where to begin; the same seed gives the same run (a new one each time)
  --again WHAT  one task that found something, as it was printed: NAME:SEED
  --help        this text
The exit status is 1 when something was found.`;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      inputs: { type: 'string', default: '10000000' },
      stories: { type: 'string', default: '100000' },
      seed: { type: 'string' },
      again: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return print(usage);
  if (values.again !== undefined) return repeat(values.again);
  const seed = number('seed', values.seed ?? String(randomInt(2 ** 31)));
  const share = { inputs: number('inputs', values.inputs), stories: number('stories', values.stories), seed };
  if (Object.values(share).includes(Number.NaN)) return 2;
  return run(share);
}

async function run(share: Pick<Share, 'inputs' | 'stories' | 'seed'>): Promise<number> {
  print(
    `seed ${share.seed}: ${share.inputs} inputs for ${decoders.length} decoders, ${share.stories} stories of ${roles.length} roles`,
  );
  const startedAt = performance.now();
  const parts = availableParallelism();
  const done = { inputs: 0, stories: 0, findings: 0 };
  await Promise.all(
    Array.from({ length: parts }, (_, part) => {
      const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: { ...share, part, parts } });
      worker.on('message', ({ inputs, stories, found }: Progress) => {
        done.inputs += inputs;
        done.stories += stories;
        if (found === undefined) return;
        done.findings += 1;
        print(
          `\nfound in ${found.task.name}; again: npm run fuzz -- --again "${found.task.name}:${found.task.seed}"\n${found.sentence}`,
        );
      });
      return new Promise((resolve, reject) => worker.on('exit', resolve).on('error', reject));
    }),
  );
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  print(
    `${done.inputs} inputs and ${done.stories} stories in ${seconds} s on ${parts} threads: ${done.findings} findings.`,
  );
  return done.findings === 0 ? 0 : 1;
}

function repeat(what: string): number {
  const [name = '', seed = ''] = what.split(':');
  const isDecoder = decoders.some((decoder) => decoder.name === name);
  if (!isDecoder && !(roles as readonly string[]).includes(name)) {
    print(`--again names "${name}"; it must be one of ${[...decoders.map((each) => each.name), ...roles].join(', ')}.`);
    return 2;
  }
  const task: Task = isDecoder
    ? { kind: 'decoder', name, seed: Number(seed), inputs: 10_000 }
    : { kind: 'story', name, seed: Number(seed) };
  const found = perform(task);
  print(found?.sentence ?? 'Nothing found.');
  return found === undefined ? 0 : 1;
}

function number(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  print(`--${name} is "${text}"; it must be a whole number.`);
  return Number.NaN;
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

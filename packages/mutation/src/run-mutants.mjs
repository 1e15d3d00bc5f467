// A process of its own: vitest with one worker, which runs the mutants of a job. It is killed when it hangs.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startVitest } from 'vitest/node';

const worker = fileURLToPath(new URL('./worker/', import.meta.url));
const { NAVALIS_MUTATION_JOB: jobFile } = process.env;
/** @type {import('./job.ts').Job} */
const job = JSON.parse(readFileSync(jobFile, 'utf8'));

const conditions = ['navalis-source'];
const vitest = await startVitest(
  'test',
  [`${worker}run.ts`],
  {
    config: false,
    root: job.root,
    dir: worker,
    include: ['**/run.ts'],
    exclude: [],
    watch: false,
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 0,
    teardownTimeout: 1000,
    reporters: [{}],
  },
  {
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    server: { fs: { strict: false }, watch: null },
    plugins: [
      {
        name: 'navalis-mutants',
        enforce: 'pre',
        load: (id) => job.code[id],
        transform: (code, id) =>
          id.endsWith('.test.ts') || id.includes('/test/')
            ? code.replace(/from 'vitest'/g, `from '${worker}collect.ts'`)
            : undefined,
      },
    ],
  },
);
await vitest.close();
process.exit();

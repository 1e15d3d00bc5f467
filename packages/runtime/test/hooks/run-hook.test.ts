import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hostHookRunner } from '../../src/hooks/run-hook.ts';
import { hostTime } from '../../src/scheduling/time.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'navalis-hook-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes a program for events. It ends by itself after a second of the processor, also when these tests were killed. */
function script(text: string, mode = 0o755): string {
  const path = join(folder, 'hook');
  writeFileSync(path, `#!/bin/sh\nulimit -t 1\n${text}\n`);
  chmodSync(path, mode);
  return path;
}

function run(command: readonly string[], input = '{}\n', timeoutMs = 20_000) {
  return hostHookRunner(hostTime)({ command, timeoutMs }, input);
}

describe('a program for an event', () => {
  it('gets the event on standard input, its arguments as they are, and nothing of our environment', async () => {
    vi.stubEnv('CREDENTIALS_DIRECTORY', '/run/credentials');
    const out = join(folder, 'out');
    const path = script('out=$1; shift; { cat; printf "%s\\n" "$#" "$@"; env; pwd; } > "$out"');
    expect(await run([path, out, 'a b', '$(id)'], '{"event":"started"}\n').ended).toEqual({ kind: 'done' });
    vi.unstubAllEnvs();
    const lines = readFileSync(out, 'utf8').split('\n');
    expect(lines.slice(0, 4)).toEqual(['{"event":"started"}', '2', 'a b', '$(id)']);
    const names = lines.flatMap((line) => /^(\w+)=/.exec(line)?.[1] ?? []);
    expect(names.filter((name) => !['PWD', 'OLDPWD', '_', 'SHLVL'].includes(name)).sort()).toEqual(['LANG', 'PATH']);
    expect(lines.at(-2)).toBe('/');
  });

  it('ends with its status and the last line of its standard error', async () => {
    const path = script("printf 'one\\n\\033[31mtwo\\t\\n\\n' >&2; exit 3");
    expect(await run([path]).ended).toEqual({ kind: 'failed', status: 3, lastLine: '[31mtwo' });
  });

  it.each([
    ['missing', () => '/nonexistent/hook', 'ENOENT'],
    ['not executable', () => script('', 0o644), 'EACCES'],
    ['a folder', () => folder, 'EACCES'],
  ])('that is %s is reported', async (_, path, reason) => {
    expect(await run([path()]).ended).toEqual({ kind: 'not-started', reason });
  });

  it('may end without reading its input, however long that is', async () => {
    expect(await run([script('exit 0')], 'x'.repeat(1_000_000)).ended).toEqual({ kind: 'done' });
  });

  it('ends at its limit, with its children, also when it ignores SIGTERM', async () => {
    const pid = join(folder, 'pid');
    const path = script(`trap '' TERM; sleep 60 & echo $! > ${pid}; echo waiting >&2; wait`);
    expect(await run([path], '{}', 1_000).ended).toEqual({ kind: 'timed-out', lastLine: 'waiting' });
    const child = readFileSync(pid, 'utf8').trim();
    // A killed process may stay as a zombie.
    const state = () =>
      existsSync(`/proc/${child}/stat`) ? readFileSync(`/proc/${child}/stat`, 'utf8').split(' ')[2] : 'gone';
    await expect.poll(state).toMatch(/gone|Z/);
  });

  it('of these tests ends by itself, however busy it is', async () => {
    expect(await run([script('while :; do :; done')], '{}', 600_000).ended).toMatchObject({
      kind: 'failed',
      status: 'SIGKILL',
    });
  });

  it('is over when it ends, although a child keeps its standard error open', async () => {
    const started = performance.now();
    const path = script('sleep 30 & echo left behind >&2; exit 1');
    expect(await run([path]).ended).toEqual({ kind: 'failed', status: 1, lastLine: 'left behind' });
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

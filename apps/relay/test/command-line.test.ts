import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const main = new URL('../dist/main.js', import.meta.url).pathname;
const good: readonly string[] = [];

function run(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('teredo-relay', () => {
  it('tells its version', () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    expect(run('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('explains its keys', () => {
    const { status, stdout } = run('--help');
    expect(status).toBe(0);
    expect(stdout).toContain('--prefix <');
    expect(stdout).toContain('/run/navalis/relay.sock');
  });

  it('checks its configuration', () => {
    expect(run('check', '--config', '/dev/null', ...good)).toEqual({
      status: 0,
      stdout: 'The configuration is valid.\n',
      stderr: '',
    });
  });

  it.each([
    ['a value that is not allowed', ['--prefix', '2001::/16'], '--prefix "2001::/16"'],
    ['an unknown flag', [...good, '--sever', 'x'], "unknown option '--sever'"],
    ['a flag without its value', [...good, '--log-level'], 'argument missing'],
    ['an unknown command', ['start', ...good], "'start' is invalid"],
  ])('ends with 2 and one sentence on %s', (_, args, part) => {
    const { status, stdout, stderr } = run('--config', '/dev/null', ...args);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(part);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('says that nothing is running', () => {
    const { status, stderr } = run('status', '--status-socket', '/nonexistent/x.sock');
    expect(status).toBe(1);
    expect(stderr).toBe('teredo-relay: teredo-relay is not running: nothing answers on /nonexistent/x.sock.\n');
  });
});

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keysOf, roles } from '@navalis/config';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bashCompletion } from '../src/completions/bash.ts';
import { fishCompletion } from '../src/completions/fish.ts';
import { zshCompletion } from '../src/completions/zsh.ts';
import { programText } from '../src/texts/program-text.ts';
import { Shell } from './shell.ts';

const folder = mkdtempSync(join(tmpdir(), 'navalis-completions-'));
const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

beforeAll(() => {
  for (const role of roles) {
    const text = programText(role);
    writeFileSync(join(folder, `${text.name}.bash`), bashCompletion(text));
    writeFileSync(join(folder, `_${text.name}`), zshCompletion(text));
    writeFileSync(join(folder, `${text.name}.fish`), fishCompletion(text));
  }
  writeFileSync(join(folder, 'some-file.toml'), '');
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Each completion as one types it, and what the shell must propose. */
const cases: readonly (readonly [typed: string, proposed: readonly string[]])[] = [
  ['teredo-client --log-level ', levels],
  ['teredo-client ', ['run', 'check', 'status', 'diagnose', 'help']],
  ['teredo-client --refresh-i', ['--refresh-interval']],
  ['teredo-client --default-route ', ['true', 'false']],
  ['teredo-client --local-discovery ', ['lo']],
  // zsh lists files without their folder.
  [`teredo-client check --config ${folder}/some`, ['some-file.toml']],
  ['teredo-client ping -c 3 --cou', ['--count']],
  ['teredo-host-relay --mode ', ['relay', 'auto']],
  ['teredo-server --only-own-clients=', ['on', 'off']],
  ['teredo-relay ', ['run', 'check', 'status', 'help']],
];

/** Matches output that contains all words. */
const allOf = (words: readonly string[]): RegExp =>
  new RegExp(words.map((word) => `(?=[^]*(?<![a-z-])${word}(?![a-z-]))`).join(''));

describe('the completion for bash', () => {
  let shell: Shell;

  beforeAll(async () => {
    const sources = roles.map((role) => `source ${folder}/teredo-${role}.bash`).join('; ');
    const settings = "bind 'set show-all-if-ambiguous on'; bind 'set enable-bracketed-paste off'; PS1='> '";
    shell = await Shell.start('bash --norc --noprofile -i', `${sources}; ${settings}`);
  });

  afterAll(() => shell.close());

  it.each(cases)('of "%s" proposes what fits', async (typed, proposed) => {
    await shell.type('\u0015', /.*/);
    // Fails unless the shell proposes them.
    await shell.type(`${typed}\t`, allOf(proposed));
  });
});

describe('the completion for zsh', () => {
  let shell: Shell;

  beforeAll(async () => {
    const settings = `unsetopt zle_bracketed_paste; PS1='> '; fpath=(${folder} $fpath); autoload -U compinit; compinit -u -D`;
    shell = await Shell.start('zsh -f -i', settings);
  });

  afterAll(() => shell.close());

  it.each(cases)('of "%s" proposes what fits', async (typed, proposed) => {
    await shell.type('\u0015', /.*/);
    // Fails unless the shell proposes them.
    await shell.type(`${typed}\u0004`, allOf(proposed));
  });
});

describe('the completion for fish', () => {
  const proposals = (typed: string): string[] => {
    const source = roles.map((role) => `source ${folder}/teredo-${role}.fish`).join('; ');
    const { stdout, stderr } = spawnSync(
      'fish',
      ['--no-config', '--command', `${source}; complete -C ${JSON.stringify(typed)}`],
      {
        encoding: 'utf8',
        env: { ...process.env, HOME: folder },
      },
    );
    expect(stderr).toBe('');
    return stdout.split('\n').map((line) => line.split('\t')[0]!.replace(/^--[a-z-]+=|^.*\//, ''));
  };

  it.each(cases)('of "%s" proposes what fits', (typed, proposed) => {
    expect(proposals(typed)).toEqual(expect.arrayContaining([...proposed]));
  });

  it('knows every key', () => {
    const keys = keysOf('client').map(({ name }) => `--${name}`);
    expect(proposals('teredo-client --')).toEqual(expect.arrayContaining(keys));
  });
});

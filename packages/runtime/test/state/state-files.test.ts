import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hostStateFiles } from '../../src/state/state-files.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'navalis-state-'));
  path = join(folder, 'state/client.json');
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

describe('a state file', () => {
  it('is absent, then what was written, in a file for its owner alone', () => {
    expect(hostStateFiles.read(path)).toEqual({ kind: 'absent' });
    expect(hostStateFiles.write(path, { port: 1 })).toBeUndefined();
    expect(hostStateFiles.write(path, { port: 2 })).toBeUndefined();
    expect(hostStateFiles.read(path)).toEqual({ kind: 'read', fields: { port: 2 } });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, 'state'))).toEqual(['client.json']);
  });

  it.each([
    ['half-written', '{"port":', 'it is damaged'],
    ['empty', '', 'it is damaged'],
    ['a list', '[1]', 'it is damaged'],
    ['null', 'null', 'it is damaged'],
    ['not text', '\u0000\ufffd', 'it is damaged'],
    ['too long', `{"port":"${'x'.repeat(9_000)}"}`, 'it is too long'],
  ])('that is %s is unusable, and is replaced', (_, text, reason) => {
    mkdirSync(join(folder, 'state'));
    writeFileSync(path, text);
    expect(hostStateFiles.read(path)).toEqual({ kind: 'unusable', reason });
    expect(hostStateFiles.write(path, { port: 3 })).toBeUndefined();
    expect(hostStateFiles.read(path)).toEqual({ kind: 'read', fields: { port: 3 } });
  });

  it('that is a link is unusable, and its target stays', () => {
    mkdirSync(join(folder, 'state'));
    const target = join(folder, 'target');
    writeFileSync(target, '{"port":1}');
    symlinkSync(target, path);
    symlinkSync(target, `${path}.new`);
    expect(hostStateFiles.read(path)).toEqual({ kind: 'unusable', reason: 'it is a symbolic link' });
    expect(hostStateFiles.write(path, { port: 3 })).toBeUndefined();
    expect(readFileSync(target, 'utf8')).toBe('{"port":1}');
    expect(hostStateFiles.read(path)).toEqual({ kind: 'read', fields: { port: 3 } });
  });

  it('that is a folder is unusable', () => {
    mkdirSync(path, { recursive: true });
    expect(hostStateFiles.read(path)).toEqual({ kind: 'unusable', reason: 'it is not a file' });
    expect(hostStateFiles.write(path, {})).toBe('EISDIR');
  });

  it('of another user is unusable', () => {
    mkdirSync(join(folder, 'state'));
    writeFileSync(path, '{"port":1}');
    if (process.geteuid?.() === 0) chownSync(path, 65_534, 65_534);
    else vi.spyOn(process, 'geteuid').mockReturnValue(65_535);
    const owner = statSync(path).uid;
    expect(hostStateFiles.read(path)).toEqual({ kind: 'unusable', reason: `it belongs to another user (${owner})` });
  });

  it('returns the code of a failed write, and keeps the old content', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(hostStateFiles.write(join(folder, 'file/client.json'), {})).toMatch(/ENOTDIR|EEXIST/);
    expect(hostStateFiles.write(path, { port: 1 })).toBeUndefined();
    expect(hostStateFiles.write('/proc/client.json', {})).toBe('ENOENT');
    expect(hostStateFiles.read(path)).toEqual({ kind: 'read', fields: { port: 1 } });
  });
});

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ClientConfiguration, changedKeys, loadConfiguration, type Role } from '../src/index.ts';

function credentials(text: string, mode = 0o600): string {
  const folder = mkdtempSync(join(tmpdir(), 'navalis-turn-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'credentials');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

function load<R extends Role>(role: R, values: Readonly<Record<string, unknown>>) {
  const all = { server: '8.8.8.8', ...values };
  const raw = new Map(Object.entries(all).map(([key, value]) => [key, { value, source: 'flag' as const }]));
  return loadConfiguration(role, { config: '/dev/null', values: raw });
}

describe('the TURN servers of a client', () => {
  it('[TU-14][TU-18] are URIs, with the user of a file', () => {
    const path = credentials('alice:pass:word\n');
    const turn = ['turn:turn.example', 'turns:192.0.2.7:443?transport=tcp'];
    expect(load('client', { turn, 'turn-credentials': path }).turn).toEqual({
      servers: [
        { host: 'turn.example', port: 3478, transport: 'udp' },
        { host: '192.0.2.7', port: 443, transport: 'tls' },
      ],
      credentials: { username: 'alice', password: 'pass:word' },
      use: 'fallback',
    });
    expect(load('client', { turn, 'turn-credentials': path, 'turn-use': 'always' }).turn?.use).toBe('always');
    expect(load('client', { turn, 'turn-credentials': path, 'turn-use': 'off' }).turn).toBeUndefined();
    expect(load('client', {}).turn).toBeUndefined();
  });

  it('[TU-18] belong to the client function of a host-specific relay, too', () => {
    const values = { turn: 'turn:turn.example', 'turn-credentials': credentials('alice:secret') };
    expect(load('host-relay', { mode: 'auto', ...values }).client?.turn?.servers).toHaveLength(1);
    const { server: _, ...relay } = { server: '', ...values };
    const raw = new Map(Object.entries(relay).map(([key, value]) => [key, { value, source: 'flag' as const }]));
    expect(() => loadConfiguration('host-relay', { config: '/dev/null', values: raw })).toThrow(
      'turn turn:turn.example is not allowed: only mode "auto" asks a server.',
    );
  });

  it.each([
    [
      { turn: 'turn:turn.example' },
      'turn turn:turn.example is not allowed: turn-credentials is not set, and goes with it.',
    ],
    [{ 'turn-credentials': '/x' }, 'turn-credentials /x is not allowed: turn is not set, and goes with it.'],
    [{ 'turn-use': 'always' }, 'turn-use always is not allowed: turn is not set, so that there is no server.'],
    [{ turn: 'turn.example' }, '--turn "turn.example" is not allowed: it takes a list of 1 to 8 URIs such as'],
    [{ 'turn-use': 'never' }, '--turn-use "never" is not allowed: it takes "fallback", "always" or "off".'],
  ])('[TU-18] %j is refused', (values, sentence) => {
    expect(() => load('client', values)).toThrow(sentence);
  });

  it.each([
    ['', 'it is empty'],
    ['alice\n', 'it must hold one line with a user name, a colon and a password'],
    [':secret\n', 'it must hold one line with a user name, a colon and a password'],
    ['alice:secret\nbob:secret\n', 'it must hold one line with a user name, a colon and a password'],
    [`${'a'.repeat(509)}:secret`, 'the user name has more than 508 octets'],
  ])('[TU-18] a file with %j is refused, and not shown', (text, reason) => {
    const path = credentials(text);
    expect(() => load('client', { turn: 'turn:turn.example', 'turn-credentials': path })).toThrow(
      `turn-credentials ${path} is not allowed: ${reason}.`,
    );
  });

  it('[TU-18] a file that others may read is refused', () => {
    const path = credentials('alice:secret', 0o640);
    expect(() => load('client', { turn: 'turn:turn.example', 'turn-credentials': path })).toThrow(
      'group or others have access to it (mode 0640), make it 0600',
    );
  });

  it('[TU-18] another password counts as a change', () => {
    const path = credentials('alice:secret');
    const values = { turn: 'turn:turn.example', 'turn-credentials': path };
    const before = load('client', values) as ClientConfiguration;
    writeFileSync(path, 'alice:other');
    expect(changedKeys(before, load('client', values))).toEqual(['turn-credentials']);
    expect(changedKeys(before, before)).toEqual([]);
  });
});

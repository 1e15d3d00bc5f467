import { describe, expect, it } from 'vitest';
import { parseTurnUri } from '../src/index.ts';

const longestLabel = 'a'.repeat(63);
/** 253 characters. */
const longestName = `${longestLabel}.${longestLabel}.${longestLabel}.${'a'.repeat(61)}`;

describe('hosts of TURN URIs', () => {
  it.each([
    'a',
    '7',
    'a.b',
    'a1',
    'a-b',
    'a--b',
    'a-1.b-2.c-3',
    'Turn.Example.NET',
    longestLabel,
    `a.${longestLabel}`,
    `${'a'.repeat(31)}-${'b'.repeat(31)}`,
    longestName,
  ])('[TU-14] %s is one', (host) => {
    expect(parseTurnUri(`turn:${host}`)).toEqual({ host, port: 3478, transport: 'udp' });
  });

  it.each([
    '',
    '-',
    'a-',
    '-a',
    '.a',
    'a.',
    'a..b',
    'a.-b',
    'a.b-',
    'a_b',
    'a.b_c',
    '_a',
    'a_',
    'a b',
    'a.b.-',
    `a${longestLabel}`,
    `a.a${longestLabel}`,
    `${longestName}a`,
  ])('[TU-14] "%s" is none', (host) => {
    expect(parseTurnUri(`turn:${host}`)).toBeUndefined();
  });
});

describe('ports of TURN URIs', () => {
  it.each([
    ['1', 1],
    ['9', 9],
    ['80', 80],
    ['00443', 443],
    ['65535', 65_535],
  ])('[TU-14] %s is one', (text, port) => {
    expect(parseTurnUri(`turn:a.b:${text}`)).toEqual({ host: 'a.b', port, transport: 'udp' });
    expect(parseTurnUri(`turns:a.b:${text}`)).toEqual({ host: 'a.b', port, transport: 'tls' });
  });

  it.each(['', '0', '00000', '65536', '99999', '000443', 'x', '8x', '-1', '1:2'])('[TU-14] "%s" is none', (text) => {
    expect(parseTurnUri(`turn:a.b:${text}`)).toBeUndefined();
    expect(parseTurnUri(`turns:a.b:${text}`)).toBeUndefined();
  });
});

describe('schemes and transports of TURN URIs', () => {
  it.each([
    ['turn:a', { host: 'a', port: 3478, transport: 'udp' }],
    ['TURN:a', { host: 'a', port: 3478, transport: 'udp' }],
    ['turn:a?transport=UDP', { host: 'a', port: 3478, transport: 'udp' }],
    ['turn:a?transport=TCP', { host: 'a', port: 3478, transport: 'tcp' }],
    ['turn:a:5000?transport=udp', { host: 'a', port: 5000, transport: 'udp' }],
    ['turn:a:5000?transport=tcp', { host: 'a', port: 5000, transport: 'tcp' }],
    ['turns:a', { host: 'a', port: 5349, transport: 'tls' }],
    ['TurnS:a', { host: 'a', port: 5349, transport: 'tls' }],
    ['turns:a?transport=tcp', { host: 'a', port: 5349, transport: 'tls' }],
  ])('[TU-14] %s is read', (text, expected) => {
    expect(parseTurnUri(text)).toEqual(expected);
  });

  it.each([
    '',
    ' turn:a',
    'turn:a ',
    'xturn:a',
    'turnss:a',
    'tur:a',
    'turn',
    'turna',
    'turns:a?transport=UDP',
    'turns:a:443?transport=udp',
    'turn:a?',
    'turn:a?transport=',
    'turn:a?transport',
    'turn:a?transport=udptcp',
    'turn:a?transport=tls',
    'turn:a?transport=udp?transport=tcp',
    'turn:atransport=udp?',
    'turn:a?transport=udp:5000',
    'turn:a\nturn:b',
  ])('[TU-14] "%s" is refused', (text) => {
    expect(parseTurnUri(text)).toBeUndefined();
  });
});

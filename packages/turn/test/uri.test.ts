import { describe, expect, it } from 'vitest';
import { parseTurnUri } from '../src/index.ts';

describe('URIs of TURN servers', () => {
  it.each([
    ['turn:turn.example.net', { host: 'turn.example.net', port: 3478, transport: 'udp' }],
    ['turn:192.0.2.7:5000', { host: '192.0.2.7', port: 5000, transport: 'udp' }],
    ['turn:example.net?transport=udp', { host: 'example.net', port: 3478, transport: 'udp' }],
    ['turn:example.net?transport=tcp', { host: 'example.net', port: 3478, transport: 'tcp' }],
    ['turns:example.net', { host: 'example.net', port: 5349, transport: 'tls' }],
    ['TURNS:example.net:443?transport=TCP', { host: 'example.net', port: 443, transport: 'tls' }],
  ])('[TU-14] %s is read', (text, expected) => {
    expect(parseTurnUri(text)).toEqual(expected);
  });

  it.each([
    'turn.example.net',
    'stun:example.net',
    'turn://example.net',
    'turn:',
    'turn:example.net:0',
    'turn:example.net:65536',
    'turn:[2001:db8::1]',
    'turn:user@example.net',
    'turns:example.net?transport=udp',
    'turn:example.net?transport=sctp',
    'turn:-example.net',
    'turn:example.net/',
    `turn:${'a.'.repeat(130)}net`,
  ])('[TU-14] %s is refused', (text) => {
    expect(parseTurnUri(text)).toBeUndefined();
  });
});

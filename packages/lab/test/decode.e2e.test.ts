import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ipv6Value, parseIpv6 } from '@navalis/address';
import { writeBubble, writeNonceAuthentication, writeNonceTrailer, writeRouterSolicitation } from '@navalis/wire';
import { afterAll, expect, it } from 'vitest';
import { run } from '../src/command.ts';
import { mainFile } from '../src/programs/navalis.ts';

const folder = mkdtempSync(join(tmpdir(), 'navalis-decode-'));
afterAll(() => rmSync(folder, { recursive: true }));

const alice = address('2001:0:808:808:0:63bf:f7f7:f7f7');
const bob = address('2001:0:808:404:0:63be:f7f7:f7f6');
const linkLocal = address('fe80::1');

function address(text: string): Ipv6Value {
  return parseIpv6(text)!;
}

function written(write: (bytes: Uint8Array) => number): Uint8Array {
  const bytes = new Uint8Array(2000);
  return bytes.slice(0, write(bytes));
}

const bubble = written((bytes) => writeBubble(bytes, 0, alice, bob));
const payloads = [
  bubble,
  written((bytes) => {
    bytes.set(bubble);
    return bubble.length + writeNonceTrailer(bytes, bubble.length, 0x01020304);
  }),
  written((bytes) => {
    const length = writeNonceAuthentication(bytes, 0, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    return length + writeRouterSolicitation(bytes, length, linkLocal);
  }),
  Uint8Array.of(0, 0, 0x63, 0xbf, 0xf7, 0xf7, 0xf7, 0xf7, ...bubble),
];

interface Seen {
  readonly source: string;
  readonly destination: string;
  readonly nonce: string;
  readonly origin: string;
}

/** Returns the datagrams that tshark finds in a capture. */
function tsharkOn(file: string): readonly Seen[] {
  const fields = ['ipv6.src', 'ipv6.dst', 'teredo.auth.nonce', 'teredo.orig.port'].flatMap((name) => ['-e', name]);
  const { stdout } = run('tshark', ['-r', file, '-T', 'fields', ...fields]);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [source = '', destination = '', nonce = '', origin = ''] = line.split('\t');
      return { source, destination, nonce: nonce.replace(/^0x|:/g, ''), origin };
    });
}

/** Returns the datagrams that `decode --json` finds in it. */
function decodeOn(file: string): readonly Seen[] {
  const { stdout, status } = spawnSync(process.execPath, [mainFile('relay'), 'decode', '--json', file], {
    encoding: 'utf8',
  });
  expect(status).toBe(0);
  const findings = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return findings.slice(0, -1).map(({ packet, authentication, origin }) => ({
    source: packet.source,
    destination: packet.destination,
    nonce: authentication?.nonce ?? '',
    origin: String(origin?.port ?? ''),
  }));
}

it.each(['pcap', 'pcapng'])('decode finds in a %s capture what tshark finds', (format) => {
  const dump = join(folder, 'dump');
  const capture = join(folder, format);
  const lines = payloads.map(
    (payload) => `0000 ${Array.from(payload, (octet) => octet.toString(16).padStart(2, '0')).join(' ')}\n`,
  );
  writeFileSync(dump, lines.join(''));
  run('text2pcap', ['-q', '-F', format, '-u', '40000,3544', dump, capture]);
  const seen = tsharkOn(capture);
  expect(seen).toHaveLength(payloads.length);
  expect(decodeOn(capture)).toEqual(seen);
});

import { parseIpv6 } from '@navalis/address';
import {
  writeAuthentication,
  writeBubble,
  writeEchoRequest,
  writeNonceTrailer,
  writeRouterSolicitation,
} from '@navalis/wire';
import { explainInput, type Finding } from '../src/index.ts';

export const alice = '2001:0:cb00:7178:3c5a:efff:3fff:fdfe';
export const bob = '2001:0:c633:640a:0:d6d8:34ff:8efa';
const [aliceValue, bobValue, linkLocal] = [parseIpv6(alice)!, parseIpv6(bob)!, parseIpv6('fe80::ffff:ffff:ffff')!];

/** A bubble with a nonce trailer. */
export const bubble: Uint8Array = written((bytes) => {
  const length = writeBubble(bytes, 0, aliceValue, bobValue);
  return length + writeNonceTrailer(bytes, length, 0x01020304);
});

/** A router solicitation with an authentication. */
export const solicitation: Uint8Array = written((bytes) => {
  const fields = {
    clientIdentifier: Uint8Array.of(0x61),
    authenticationValue: new Uint8Array(20),
    nonce: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
    confirmation: 0,
  };
  const length = writeAuthentication(bytes, 0, fields);
  return length + writeRouterSolicitation(bytes, length, linkLocal);
});

/** An echo request from a native host. */
export const echo: Uint8Array = written((bytes) => {
  const [source, destination] = [parseIpv6('2606:4700::1111')!, bobValue];
  return writeEchoRequest(bytes, 0, {
    source,
    destination,
    identifier: 7,
    sequence: 9,
    hopLimit: 60,
    data: new Uint8Array(4),
  });
});

export function written(write: (bytes: Uint8Array) => number): Uint8Array {
  const bytes = new Uint8Array(2000);
  return bytes.slice(0, write(bytes));
}

/** Returns what is found in the input when it comes in chunks of this size. */
export async function findingsIn(input: Uint8Array | string, chunkOctets = 7): Promise<readonly Finding[]> {
  const bytes = typeof input === 'string' ? Uint8Array.from(input, (sign) => sign.charCodeAt(0)) : input;
  const findings: Finding[] = [];
  for await (const finding of explainInput(chunksOf(bytes, chunkOctets))) findings.push(finding);
  return findings;
}

async function* chunksOf(bytes: Uint8Array, octets: number): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += octets) yield bytes.subarray(offset, offset + octets);
}

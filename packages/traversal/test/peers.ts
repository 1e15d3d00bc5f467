import type { Ipv4Endpoint, Ipv6Value } from '@navalis/address';
import { createPacketRun, type PacketRun, pointRunAt } from '@navalis/engine';
import { seededRandom } from '@navalis/engine/testing';
import { BubbleTrailers, writeAlternateAddressTrailer } from '@navalis/wire';
import { type PeerIndex, PeerTable } from '../src/index.ts';

export const servicePrefix = 0x20010000;

export function tableOf(capacity: number): PeerTable {
  return new PeerTable({ capacity }, seededRandom(3));
}

export function addressOf(word0: number, word1: number, word2: number, word3: number): Ipv6Value {
  return { word0, word1, word2, word3 };
}

/** A peer whose Teredo address differs from others by `number` in its server field. */
export function insertPeer(
  table: PeerTable,
  number: number,
  standing: 'unsolicited' | 'solicited' = 'solicited',
  now = 0,
): PeerIndex {
  return table.insert(addressOf(servicePrefix, number, 0xefff, 0x3ffffdfe), standing, now);
}

export function findPeer(table: PeerTable, number: number): PeerIndex {
  return table.find(addressOf(servicePrefix, number, 0xefff, 0x3ffffdfe));
}

/** A run of one packet of `octets` octets that all read `tag`. */
export function runOf(tag: number, octets = 50): PacketRun {
  const run = createPacketRun(new Uint8Array(octets).fill(tag));
  pointRunAt(run, 0, octets);
  return run;
}

/** The trailers of a bubble that tells these alternate endpoints. */
export function alternatesOf(...endpoints: readonly Ipv4Endpoint[]): BubbleTrailers {
  const bytes = new Uint8Array(64);
  const trailers = new BubbleTrailers();
  trailers.read(bytes, 0, endpoints.length === 0 ? 0 : writeAlternateAddressTrailer(bytes, 0, endpoints));
  return trailers;
}

import { expect } from 'vitest';
import type { Laboratory } from '../src/laboratory.ts';
import type { NamedPlace } from '../src/network/place.ts';
import { firstPing, ping } from '../src/traffic/ping.ts';
import { transfer } from '../src/traffic/transfer.ts';
import { report } from './report.ts';

const firstAnswerWithinMs = 20_000;

/** Pings and so many octets with equal hashes, both ways; `one` speaks first, over a path that nobody used before. */
export async function exercise(
  laboratory: Laboratory,
  one: NamedPlace,
  other: NamedPlace,
  transferOctets = 50_000_000,
): Promise<void> {
  const first = await firstPing(one.host, other.address, firstAnswerWithinMs);
  const back = await firstPing(other.host, one.address, firstAnswerWithinMs);
  const there = await ping(one.host, other.address, { count: 5 });
  const andBack = await ping(other.host, one.address, { count: 5 });
  expect(there.received).toBe(there.sent);
  expect(andBack.received).toBe(andBack.sent);
  const upload = await transfer(laboratory, one.host, other, transferOctets);
  const download = await transfer(laboratory, other.host, one, transferOctets);
  expect(upload.octets).toBe(transferOctets);
  expect(download.octets).toBe(transferOctets);
  report(
    `${one.name} <-> ${other.name}: first ping ${first.roundTripMs} ms (request ${first.attempts}), back ${back.roundTripMs} ms ` +
      `(request ${back.attempts}), then ${median(there.roundTripsMs)} ms; ${transferOctets / 1e6} MB at ${upload.megabitsPerSecond.toFixed(0)} and ` +
      `${download.megabitsPerSecond.toFixed(0)} Mbit/s`,
  );
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];
}

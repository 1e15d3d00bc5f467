import type { Place } from '../src/network/place.ts';
import { ping } from '../src/traffic/ping.ts';

const intervalMs = 5;

/** Round-trip times in milliseconds of `count` echo requests at a steady pace. */
export async function roundTripsMs(from: Place, to: Place, count: number): Promise<readonly number[]> {
  return (await ping(from.host, to.address, { count, intervalMs })).roundTripsMs;
}

/** Opens the path between two places: a first packet takes longer. */
export async function openWay(from: Place, to: Place): Promise<void> {
  await ping(from.host, to.address, { count: 2, intervalMs: 100 });
}

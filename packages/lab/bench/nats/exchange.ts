import type { Laboratory } from '../../src/laboratory.ts';
import type { Place } from '../../src/network/place.ts';
import { firstPing } from '../../src/traffic/ping.ts';
import { transfer } from '../../src/traffic/transfer.ts';

/** An attempt takes 8 s, or 3 s more with tests of a sequential NAT; the one that a lost packet spoils is made again. */
const contactWithinMs = 15_000;

/** One line of the result. */
export interface PairOutcome {
  readonly from: string;
  readonly to: string;
  /** The path, such as `direct` or `TURN over TCP`. */
  readonly path: string;
  /** The reason why it must connect, or `-`. */
  readonly need: string;
  /** Times and speeds; undefined when one side did not answer the other one. */
  readonly measured: string | undefined;
  /** A fault of a program or of the transfer. */
  readonly fault?: string;
}

/** Both speak and send so many octets, `one` first. Returns times and speeds; undefined when one does not answer the other. */
export async function exchange(
  laboratory: Laboratory,
  one: Place,
  other: Place,
  octets: number,
): Promise<string | undefined> {
  const contact = await firstPing(one.host, other.address, contactWithinMs).catch(() => undefined);
  if (contact === undefined) return undefined;
  const back = await firstPing(other.host, one.address, contactWithinMs).catch(() => undefined);
  if (back === undefined) return undefined;
  const up = await transfer(laboratory, one.host, other, octets);
  const down = await transfer(laboratory, other.host, one, octets);
  const first = `first ping ${contact.roundTripMs.toFixed(0)} ms (request ${contact.attempts})`;
  return `${first}, back ${back.roundTripMs.toFixed(0)} ms, ${up.megabitsPerSecond.toFixed(0)} and ${down.megabitsPerSecond.toFixed(0)} Mbit/s`;
}

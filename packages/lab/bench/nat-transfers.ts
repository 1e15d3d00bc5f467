import { type NatKind, natPairs, type PairNeed } from '@navalis/nat';
import { LabError } from '../src/lab-error.ts';
import { Laboratory } from '../src/laboratory.ts';
import { Internet, type LabNatKind } from '../src/network/internet.ts';
import type { Place } from '../src/network/place.ts';
import { startClient, startServer } from '../src/programs/navalis.ts';
import { firstPing } from '../src/traffic/ping.ts';
import { transfer } from '../src/traffic/transfer.ts';

const labKinds: readonly NatKind[] = [
  'cone',
  'address-restricted',
  'port-restricted',
  'port-preserving-symmetric',
  'sequential-symmetric',
  'port-symmetric',
  'address-symmetric',
];

/** An attempt takes 8 s, or 3 s more with tests of a sequential NAT; the one that a lost packet spoils is made again. */
const contactWithinMs = 15_000;

/**
 * Lets clients behind every two kinds of NAT that the laboratory has exchange so many octets both ways, each pair with clients of its
 * own. Prints how each pair fared, and returns how many transfers there were.
 * @throws LabError when a pair that RFC 6081 names does not connect.
 */
export async function transferBetweenNats(octets: number): Promise<number> {
  const broken: string[] = [];
  let transfers = 0;
  for (const { from, to, need } of natPairs) {
    if (!isOfLab(from) || !isOfLab(to)) continue;
    const outcome = await tryPair(from, to, octets);
    if (outcome === undefined && need !== '-') broken.push(`${from} to ${to}`);
    if (outcome !== undefined) transfers += 2;
    print(from, to, need, outcome ?? 'not connected');
  }
  if (broken.length > 0) throw new LabError(`These pairs must connect: ${broken.join(', ')}.`);
  return transfers;
}

/** Returns what was measured; undefined when the second client does not answer the first. */
async function tryPair(from: LabNatKind, to: LabNatKind, octets: number): Promise<string | undefined> {
  const laboratory = new Laboratory();
  try {
    const internet = new Internet(laboratory);
    await startServer(laboratory, internet.serverHost());
    const clientBehind = async (kind: LabNatKind): Promise<Place> =>
      startClient(laboratory, (await internet.homeBehind(kind)).host);
    const [one, other] = await Promise.all([clientBehind(from), clientBehind(to)]);
    const contact = await firstPing(one.host, other.address, contactWithinMs).catch(() => undefined);
    if (contact === undefined) return undefined;
    const up = await transfer(laboratory, one.host, other, octets);
    const down = await transfer(laboratory, other.host, one, octets);
    const speed = `${up.megabitsPerSecond.toFixed(0)} and ${down.megabitsPerSecond.toFixed(0)} Mbit/s`;
    return `first ping ${contact.roundTripMs.toFixed(0)} ms (request ${contact.attempts}), ${speed}`;
  } finally {
    await laboratory.close();
  }
}

function isOfLab(kind: NatKind): kind is LabNatKind {
  return labKinds.includes(kind);
}

function print(from: LabNatKind, to: LabNatKind, need: PairNeed, outcome: string): void {
  process.stdout.write(`${from.padEnd(26)} to ${to.padEnd(26)} ${need.padEnd(8)} ${outcome}\n`);
}

import { LabError } from '../../src/lab-error.ts';
import type { PairOutcome } from './exchange.ts';
import { exchangeWithMappings } from './mapped-pairs.ts';
import { exchangeBetweenPlainNats } from './plain-pairs.ts';
import { exchangeAfterReturn } from './return.ts';
import { exchangeThroughTurn, exchangeWithoutUdp } from './turn-pairs.ts';

export type NatPart = 'pairs' | 'turn' | 'blocked' | 'mapped' | 'return';

const parts: Readonly<Record<NatPart, (octets: number) => AsyncGenerator<PairOutcome>>> = {
  pairs: exchangeBetweenPlainNats,
  turn: exchangeThroughTurn,
  blocked: exchangeWithoutUdp,
  mapped: exchangeWithMappings,
  return: exchangeAfterReturn,
};

export const natParts: readonly NatPart[] = Object.keys(parts) as NatPart[];

/**
 * Lets clients behind NATs exchange so many octets both ways. Prints a line for each attempt and a summary, and returns how many
 * transfers there were.
 * @throws LabError when a pair that must connect does not.
 */
export async function transferBetweenNats(octets: number, chosen: readonly NatPart[]): Promise<number> {
  const outcomes: PairOutcome[] = [];
  for (const part of chosen) {
    for await (const outcome of parts[part](octets)) {
      outcomes.push(outcome);
      print(outcome);
    }
  }
  const connected = outcomes.filter(({ measured }) => measured !== undefined);
  const beyond = connected.filter(({ need }) => need === '-').length;
  process.stdout.write(
    `${connected.length} of ${outcomes.length} attempts connected, ${beyond} of them beyond what RFC 6081 promises.\n`,
  );
  const broken = outcomes.filter(
    ({ need, measured, fault }) => fault !== undefined || (need !== '-' && measured === undefined),
  );
  if (broken.length === 0) return 2 * connected.length;
  const list = broken.map(({ from, to, path }) => `${from} to ${to} (${path})`).join(', ');
  throw new LabError(`These pairs must connect: ${list}.`);
}

function print({ from, to, path, need, measured, fault }: PairOutcome): void {
  const without =
    fault !== undefined
      ? `FAILED: ${fault}`
      : need === '-'
        ? 'not connected, which RFC 6081 does not promise'
        : 'NOT CONNECTED';
  const cells = [from.padEnd(26), to.padEnd(26), need.padEnd(9), path.padEnd(28), measured ?? without];
  process.stdout.write(`${cells.join(' ')}\n`);
}

import { needOf } from '@navalis/nat';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { Internet, type LabNatKind } from '../src/network/internet.ts';
import { type NavalisClient, startClient, startServer } from '../src/programs/navalis.ts';
import { firstPing, ping } from '../src/traffic/ping.ts';
import { transfer } from '../src/traffic/transfer.ts';
import { report } from './report.ts';

/** The RFC promises all of these. `npm run transfers -- --nats` tries every pair, with more octets. */
const pairs: readonly (readonly [LabNatKind, LabNatKind])[] = [
  ['cone', 'port-symmetric'],
  ['sequential-symmetric', 'address-restricted'],
  ['address-symmetric', 'cone'],
];
const transferOctets = 2_000_000;
const contactWithinMs = 15_000;

describe('two clients behind NATs of which one is symmetric', () => {
  const laboratory = new Laboratory();
  const internet = new Internet(laboratory);

  beforeAll(async () => {
    await startServer(laboratory, internet.serverHost());
  });

  afterAll(() => laboratory.close());

  async function clientBehind(kind: LabNatKind): Promise<NavalisClient> {
    return startClient(laboratory, (await internet.homeBehind(kind)).host);
  }

  it.each(pairs)('[SNS-01][SNS-13] %s to %s: both ways, with equal sha256', { timeout: 120_000 }, async (from, to) => {
    expect(needOf(from, to)).toBe('SNS');
    const [one, other] = await Promise.all([clientBehind(from), clientBehind(to)]);
    const { roundTripMs, attempts } = await firstPing(one.host, other.address, contactWithinMs);
    expect(await ping(other.host, one.address, { count: 3 })).toMatchObject({ received: 3 });
    for (const [sender, receiver] of [
      [one, other],
      [other, one],
    ] as const) {
      expect(await transfer(laboratory, sender.host, receiver, transferOctets)).toMatchObject({
        octets: transferOctets,
      });
    }
    report(`${from} to ${to}: first ping ${roundTripMs} ms (request ${attempts})`);
  });

  it('[XC-14] behind NATs that are both symmetric: the sender is told within 8 s', { timeout: 60_000 }, async () => {
    const [one, other] = await Promise.all([clientBehind('port-symmetric'), clientBehind('port-symmetric')]);
    const args = ['-6', '-n', '-c', '1', '-W', '10', other.address];
    const { stdout } = await one.host.runBeside('ping', args, { tolerant: true, timeoutMs: 20_000 });
    expect(stdout).toContain('Address unreachable');
  });
});

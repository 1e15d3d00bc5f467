import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { LoadGenerator } from '../src/load/load-generator.ts';
import { fleetAddresses } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import { type Navalis, startRelay, startServer } from '../src/programs/navalis.ts';
import { report } from './report.ts';

/** The shortest interval, so that clients notice soon that a server is silent. */
const refreshIntervalMs = 5_000;
const clients = 100;
const patienceMs = 60_000;

describe('100 clients of the load generator', () => {
  const laboratory = new Laboratory();
  const [one = '', other = ''] = fleetAddresses;
  let mortal: Navalis;
  let load: LoadGenerator;

  beforeAll(async () => {
    const internet = new Internet(laboratory);
    internet.webHost();
    const fleet = internet.fleetHost();
    [mortal] = await Promise.all([
      startServer(laboratory, fleet, one),
      startServer(laboratory, fleet, other),
      startRelay(laboratory, internet.relayHost()),
    ]);
    const settings = {
      clients,
      servers: [one, other],
      refreshIntervalMs,
      startsPerSecond: 200,
      contactsPerSecond: 200,
    };
    load = LoadGenerator.start(laboratory, internet.crowdHost(), settings);
  });

  afterAll(() => laboratory.close());

  it('get addresses of two servers, contact each other and a native host, and have their requests answered', async () => {
    const { served } = await load.until('addresses', ({ qualified }) => qualified === clients, patienceMs);
    report(`clients by server: ${JSON.stringify(served)}`);
    // All draw the same order once in 2^99 runs.
    expect(Object.keys(served).toSorted()).toEqual([one, other].toSorted());
    const { contacts } = await load.until('contacts', (figures) => figures.open === figures.contacts, patienceMs);
    expect(contacts).toBe(2 * clients);
    load.order({ kind: 'rate', perSecond: 500 });
    const { sent, answered, rttMs } = await load.until('answers', (figures) => figures.answered > 500, patienceMs);
    report(`${answered} of ${sent} requests answered so far; round trips in ms: ${JSON.stringify(rttMs)}`);
  });

  it('all have an address of the other server after one died, and are answered again', async () => {
    await mortal.program.kill();
    const diedAt = performance.now();
    await load.until(
      'addresses of the other server',
      ({ qualified, served }) => qualified === clients && served[other] === clients,
      patienceMs,
    );
    report(`all have an address of the other server ${Math.round(performance.now() - diedAt)} ms after the death`);
    load.order({ kind: 'reset' });
    const { sent, answered } = await load.until('answers', (figures) => figures.answered > 500, patienceMs);
    report(`${answered} of ${sent} requests answered since`);
  });
});

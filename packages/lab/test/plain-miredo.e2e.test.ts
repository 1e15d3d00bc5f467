import { afterAll, beforeAll, describe, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { dualStackIpv6Address, serverAddress, webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import type { NamedPlace } from '../src/network/place.ts';
import { extensionsOff } from '../src/programs/extensions.ts';
import { startMiredoClient, startMiredoRelay, startMiredoServer } from '../src/programs/miredo.ts';
import { startClient, startHostRelay, startRelay, startServer } from '../src/programs/navalis.ts';
import { exercise } from './exercise.ts';

const octets = 2_000_000;

/** With NAVALIS_LAB_EXTENSIONS=off, the suites of the infrastructures show it whole. */
describe.each(['ours', 'miredo'] as const)('without the extensions of RFC 6081, server and relays: %s', (kind) => {
  let laboratory: Laboratory;
  let web: NamedPlace;
  let dualStack: NamedPlace;
  let ours: NamedPlace;
  let miredo: NamedPlace;

  beforeAll(async () => {
    laboratory = new Laboratory();
    const internet = new Internet(laboratory);
    web = { name: 'IPv6-only host', host: internet.webHost(), address: webIpv6Address };
    dualStack = { name: 'dual-stack host', host: internet.dualStackHost(), address: dualStackIpv6Address };
    const [server, relay] = [internet.serverHost(), internet.relayHost()];
    await (kind === 'ours'
      ? Promise.all([
          startServer(laboratory, server, serverAddress, extensionsOff.server),
          startRelay(laboratory, relay, extensionsOff.relay),
          startHostRelay(laboratory, dualStack.host, extensionsOff['host-relay']),
        ])
      : Promise.all([
          startMiredoServer(laboratory, server),
          startMiredoRelay(laboratory, relay, 'relay'),
          startMiredoRelay(laboratory, dualStack.host, 'host'),
        ]));
    const [oneHost, otherHost] = [internet.home().host, internet.home().host];
    ours = { name: 'our client', ...(await startClient(laboratory, oneHost, extensionsOff.client)) };
    miredo = { name: "miredo's client", host: otherHost, ...(await startMiredoClient(laboratory, otherHost)) };
  });

  afterAll(() => laboratory.close());

  it("[XC-10][IO-03] our client and miredo's reach each other", () => exercise(laboratory, ours, miredo, octets));

  it('[XC-10][IO-07] clients and native hosts reach each other', async () => {
    await exercise(laboratory, ours, web, octets);
    await exercise(laboratory, dualStack, ours, octets);
    if (kind === 'ours') await exercise(laboratory, web, miredo, octets);
  });
});

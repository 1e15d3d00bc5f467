import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { dualStackIpv6Address, webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import type { NamedPlace } from '../src/network/place.ts';
import { startMiredoClient } from '../src/programs/miredo.ts';
import {
  type Navalis,
  type NavalisClient,
  startClient,
  startHostRelay,
  startRelay,
  startServer,
} from '../src/programs/navalis.ts';
import { exercise } from './exercise.ts';
import { report } from './report.ts';

describe('our server, relay and host-specific relay', () => {
  let laboratory: Laboratory;
  let relay: Navalis;
  let web: NamedPlace;
  let dualStack: NamedPlace;
  let first: NamedPlace & { readonly client: NavalisClient };
  let second: NamedPlace;
  let miredo: NamedPlace;
  let otherMiredo: NamedPlace;

  beforeAll(async () => {
    laboratory = new Laboratory();
    const internet = new Internet(laboratory);
    web = { name: 'IPv6-only host', host: internet.webHost(), address: webIpv6Address };
    dualStack = { name: 'host-specific relay', host: internet.dualStackHost(), address: dualStackIpv6Address };
    await startServer(laboratory, internet.serverHost());
    relay = await startRelay(laboratory, internet.relayHost());
    await startHostRelay(laboratory, dualStack.host);
    const client = await startClient(laboratory, internet.home().host);
    first = { name: 'our client', host: client.host, address: client.address, client };
    const secondClient = await startClient(laboratory, internet.home().host);
    second = { name: 'our second client', host: secondClient.host, address: secondClient.address };
    const miredoHost = internet.home().host;
    miredo = { name: "miredo's client", host: miredoHost, ...(await startMiredoClient(laboratory, miredoHost)) };
    const otherHost = internet.home().host;
    otherMiredo = {
      name: "miredo's second client",
      host: otherHost,
      ...(await startMiredoClient(laboratory, otherHost)),
    };
  });

  afterAll(() => laboratory.close());

  it('gives our client an address behind its NAT', async () => {
    report(`address ${first.client.addressAfterMs.toFixed(0)} ms after the start of the process`);
    const status = await first.client.status();
    expect(status.state).toBe('qualified');
    expect(status.address).toBe(first.address);
    expect(status.mapped?.address).toBe('203.0.113.11');
    expect(status.local?.address).toBe('192.168.1.100');
    expect(status.nat).toBe('restricted');
  });

  it('carries traffic between our client and an IPv6-only host through our relay', () =>
    exercise(laboratory, first, web));

  it('carries traffic from an IPv6-only host to our client that it contacts first', () =>
    exercise(laboratory, web, second));

  it('[HR-19] carries traffic between our client and our host-specific relay, past the other relay', async () => {
    const carried = async (): Promise<number> => (await relay.status()).counters.datagramsReceived;
    const before = await carried();
    await exercise(laboratory, first, dualStack);
    expect((await carried()) - before).toBeLessThan(10);
  });

  it('carries traffic from our host-specific relay to our client that it contacts first', () =>
    exercise(laboratory, dualStack, second));

  it('carries traffic between two of our clients behind different NATs', () => exercise(laboratory, first, second));

  it("[IO-04][IO-08] carries traffic between miredo's client and an IPv6-only host through our server and relay", () =>
    exercise(laboratory, miredo, web));

  it("[IO-01] carries traffic from an IPv6-only host to miredo's client that it contacts first", () =>
    exercise(laboratory, web, otherMiredo));

  it("[IO-01] carries traffic between miredo's client and our host-specific relay", () =>
    exercise(laboratory, miredo, dualStack));

  it("[IO-02] carries traffic between two clients of miredo's through our server", () =>
    exercise(laboratory, miredo, otherMiredo));

  it("[IO-01][IO-03] carries traffic from our client to miredo's", () => exercise(laboratory, first, miredo));

  it("[IO-01][IO-03] carries traffic from miredo's client to ours", () => exercise(laboratory, otherMiredo, second));
});

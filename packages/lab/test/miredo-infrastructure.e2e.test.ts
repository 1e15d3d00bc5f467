import { afterAll, beforeAll, describe, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { dualStackIpv6Address, webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import type { NamedPlace } from '../src/network/place.ts';
import { startMiredoClient, startMiredoRelay, startMiredoServer } from '../src/programs/miredo.ts';
import { startClient } from '../src/programs/navalis.ts';
import { exercise } from './exercise.ts';

describe("miredo's server and relay", () => {
  let laboratory: Laboratory;
  let web: NamedPlace;
  let dualStack: NamedPlace;
  let first: NamedPlace;
  let second: NamedPlace;
  let miredo: NamedPlace;

  beforeAll(async () => {
    laboratory = new Laboratory();
    const internet = new Internet(laboratory);
    web = { name: 'IPv6-only host', host: internet.webHost(), address: webIpv6Address };
    dualStack = {
      name: "miredo's relay for its own host",
      host: internet.dualStackHost(),
      address: dualStackIpv6Address,
    };
    await startMiredoServer(laboratory, internet.serverHost());
    await startMiredoRelay(laboratory, internet.relayHost(), 'relay');
    await startMiredoRelay(laboratory, dualStack.host, 'host');
    const miredoHost = internet.home().host;
    miredo = { name: "miredo's client", host: miredoHost, ...(await startMiredoClient(laboratory, miredoHost)) };
    first = { name: 'our client', ...(await startClient(laboratory, internet.home().host)) };
    second = { name: 'our second client', ...(await startClient(laboratory, internet.home().host)) };
  });

  afterAll(() => laboratory.close());

  it("carries traffic between miredo's client and an IPv6-only host: the laboratory itself works", () =>
    exercise(laboratory, miredo, web));

  it("[IO-05][IO-07] carries traffic between our client and an IPv6-only host through miredo's relay", () =>
    exercise(laboratory, first, web));

  it("[IO-07] carries traffic from an IPv6-only host through miredo's relay to our client that it contacts first", () =>
    exercise(laboratory, web, second));

  it("carries traffic between our client and miredo's relay on the host itself", () =>
    exercise(laboratory, first, dualStack));

  it("carries traffic between two of our clients through miredo's server", () => exercise(laboratory, first, second));

  it("[IO-01][IO-03] carries traffic from our client to miredo's through miredo's server", () =>
    exercise(laboratory, first, miredo));

  it("[IO-01][IO-03] carries traffic from miredo's client to ours through miredo's server", () =>
    exercise(laboratory, miredo, second));
});

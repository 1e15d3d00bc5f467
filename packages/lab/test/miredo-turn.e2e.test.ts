import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { dualStackIpv6Address, turnAddress, webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import type { NamedPlace } from '../src/network/place.ts';
import { startCoturn, turnFlags } from '../src/programs/coturn.ts';
import { startMiredoClient, startMiredoRelay, startMiredoServer } from '../src/programs/miredo.ts';
import { type NavalisClient, startClient } from '../src/programs/navalis.ts';
import { exercise } from './exercise.ts';

const octets = 2_000_000;

describe("miredo's server, relays and client, and clients of ours that coturn relays for", () => {
  const laboratory = new Laboratory();
  let web: NamedPlace;
  let dualStack: NamedPlace;
  let miredo: NamedPlace;
  let first: NavalisClient;
  let second: NavalisClient;

  beforeAll(async () => {
    const internet = new Internet(laboratory);
    web = { name: 'IPv6-only host', host: internet.webHost(), address: webIpv6Address };
    dualStack = { name: "miredo's relay for its host", host: internet.dualStackHost(), address: dualStackIpv6Address };
    await Promise.all([
      startCoturn(laboratory, internet.turnHost()),
      startMiredoServer(laboratory, internet.serverHost()),
      startMiredoRelay(laboratory, internet.relayHost(), 'relay'),
      startMiredoRelay(laboratory, dualStack.host, 'host'),
    ]);
    const { host } = internet.home();
    miredo = { name: "miredo's client", host, ...(await startMiredoClient(laboratory, host)) };
    const start = () => startClient(laboratory, internet.home('port-symmetric').host, turnFlags(laboratory));
    [first, second] = [await start(), await start()];
  });

  afterAll(() => laboratory.close());

  it("[IO-05][TU-15] miredo's server gives them addresses with the relayed endpoint", async () => {
    for (const client of [first, second]) {
      const { mapped, turn } = await client.status();
      expect(mapped).toMatchObject({ address: turnAddress });
      expect(mapped).toEqual(turn?.relayed);
    }
  });

  it("[IO-01][TU-15] they reach miredo's client", () =>
    exercise(laboratory, { name: 'TURN', ...first }, miredo, octets));

  it("[IO-01][TU-15] miredo's client reaches them", () =>
    exercise(laboratory, miredo, { name: 'TURN', ...second }, octets));

  it("[IO-07][TU-15] they reach native hosts through miredo's relay", () =>
    exercise(laboratory, { name: 'TURN', ...first }, web, octets));

  it("[IO-07][TU-15] native hosts reach them through miredo's relay", () =>
    exercise(laboratory, web, { name: 'TURN', ...second }, octets));

  it("[IO-07][TU-15] miredo's relay for its own host reaches them, and is reached", async () => {
    await exercise(laboratory, { name: 'TURN', ...first }, dualStack, octets);
    await exercise(laboratory, dualStack, { name: 'TURN', ...second }, octets);
  });
});

import { afterEach, beforeEach, describe, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { type NavalisClient, startClient, startRelay, startServer } from '../src/programs/navalis.ts';
import { firstPing } from '../src/traffic/ping.ts';
import { report } from './report.ts';

const tracking = { acceptsInput: true };

describe('behind a NAT that accepts unsolicited input as its own', () => {
  let laboratory: Laboratory;
  let internet: Internet;

  beforeEach(async () => {
    laboratory = new Laboratory();
    internet = new Internet(laboratory);
    await startServer(laboratory, internet.serverHost());
  });

  afterEach(() => laboratory.close());

  const startBehind = async (acceptsInput: boolean): Promise<NavalisClient> =>
    startClient(laboratory, internet.home('port-restricted', { acceptsInput }).host);

  async function meets(what: string, from: Namespace, to: string, withinMs: number): Promise<void> {
    const start = performance.now();
    await firstPing(from, to, withinMs);
    const tookMs = performance.now() - start;
    report(`${what}: met after ${(tookMs / 1000).toFixed(1)} s`);
  }

  it('[RL-T-23] a native host reaches a client through a relay at once', async () => {
    await startRelay(laboratory, internet.relayHost());
    const web = internet.webHost();
    const client = await startClient(laboratory, internet.home('port-restricted', tracking).host);
    await meets('native host to client', web, client.address, 5_000);
    const other = await startBehind(true);
    await meets('client to native host', other.host, webIpv6Address, 5_000);
  });

  it('[CL-T-08] a client reaches one behind another NAT at once', async () => {
    const [from, to] = await Promise.all([startBehind(true), startBehind(false)]);
    await meets('NAT of the initiator', from.host, to.address, 5_000);
  });

  it('[CL-B-14] a client behind another NAT reaches it, once both NATs have forgotten the first attempt', async () => {
    const [from, to] = await Promise.all([startBehind(false), startBehind(true)]);
    await meets('NAT of the target', from.host, to.address, 90_000);
  });
});

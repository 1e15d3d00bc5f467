import { afterAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import { startClient, startRelay, startServer } from '../src/programs/navalis.ts';
import { firstPing } from '../src/traffic/ping.ts';
import { PingTraffic } from '../src/traffic/ping-traffic.ts';
import { report } from './report.ts';

const inSeconds = () => Date.now() / 1000;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('under traffic between a client and a native host', () => {
  const laboratory = new Laboratory();
  const table: string[] = [];

  afterAll(async () => {
    report(`restart of     back after start   longest gap\n  ${table.join('\n  ')}`);
    await laboratory.close();
  });

  it('[CL-P-13] a relay, a server and a client restart, and the client reaches the host within 5 s', async () => {
    const internet = new Internet(laboratory);
    const serverHost = internet.serverHost();
    const relayHost = internet.relayHost();
    let server = await startServer(laboratory, serverHost);
    let relay = await startRelay(laboratory, relayHost);
    const web = internet.webHost();
    const home = internet.home().host;
    let client = await startClient(laboratory, home);
    await firstPing(home, webIpv6Address, 10_000);
    const outbound = new PingTraffic(laboratory, home, webIpv6Address);
    await outbound.answeredAfter(inSeconds(), 10_000);

    const row = (what: string, back: number, gap: number) =>
      table.push(`${what.padEnd(15)}${back.toFixed(1).padStart(10)} s${gap.toFixed(1).padStart(16)} s`);

    for (let time = 1; time <= 3; time++) {
      // The client tests a peer at most once in 30 s.
      if (time > 1) await sleep(31_000);
      const before = inSeconds();
      await relay.program.kill();
      relay = await startRelay(laboratory, relayHost);
      const started = inSeconds();
      const back = await outbound.answeredAfter(started, 40_000);
      row(`relay, time ${time}`, back, outbound.longestGap(before));
      expect(back).toBeLessThan(5);
    }

    const beforeServer = inSeconds();
    await server.program.kill();
    server = await startServer(laboratory, serverHost);
    await sleep(10_000);
    row('server', 0, outbound.longestGap(beforeServer));
    expect(outbound.longestGap(beforeServer)).toBeLessThan(3);

    const beforeClient = inSeconds();
    await client.program.kill();
    client = await startClient(laboratory, home);
    const started = inSeconds();
    await firstPing(home, webIpv6Address, 10_000);
    row('client', inSeconds() - started, inSeconds() - beforeClient);
    expect(inSeconds() - started).toBeLessThan(5);
    // Its address is different now.
    await firstPing(web, client.address, 10_000);
  }, 240_000);
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { relayAddress, serverAddress, webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { startCoturn, turnFlags } from '../src/programs/coturn.ts';
import { type NavalisClient, startClient, startRelay, startServer } from '../src/programs/navalis.ts';
import type { Program } from '../src/programs/program.ts';
import { firstPing } from '../src/traffic/ping.ts';
import { report } from './report.ts';

const lifetimeSeconds = 6;

describe('an allocation on coturn, of which everything ends after 6 s', () => {
  const laboratory = new Laboratory();
  let web: Namespace;
  let coturn: Program;
  let client: NavalisClient;

  beforeAll(async () => {
    const internet = new Internet(laboratory);
    await startServer(laboratory, internet.serverHost());
    await startRelay(laboratory, internet.relayHost());
    web = internet.webHost();
    const kinds = ['max-allocate', 'channel', 'permission'];
    const lifetimes = kinds.map((kind) => `--${kind}-lifetime=${lifetimeSeconds}`);
    coturn = await startCoturn(laboratory, internet.turnHost(), { flags: ['--stale-nonce=2', ...lifetimes] });
    const flags = [...turnFlags(laboratory), '--refresh-interval', '5'];
    client = await startClient(laboratory, internet.home('port-symmetric').host, flags);
  });

  afterAll(() => laboratory.close());

  it('[TU-07][TU-08] passes on datagrams again after permissions and channels ended', async () => {
    for (let packet = 0; packet < 3; packet++) await firstPing(client.host, webIpv6Address, 5_000);
    await coturn.line(new RegExp(`peer ${relayAddress}.* lifetime updated: ${lifetimeSeconds}`));
    await coturn.line(new RegExp(`peer ${serverAddress}.* deleted`));
    const endedAt = performance.now();
    await coturn.line(
      new RegExp(`peer ${relayAddress}.* deleted[\\s\\S]* peer ${relayAddress}.* lifetime updated`),
      40_000,
    );
    report(`permissions and channels ended, and were renewed ${Math.round(performance.now() - endedAt)} ms later`);
    await firstPing(client.host, webIpv6Address, 20_000);
    await firstPing(web, client.address, 5_000);
  });

  it('[TU-05][TU-09] stays, with nonces that became stale', async () => {
    const repeated = () => (coturn.output.match(/error 438: Stale nonce/g)?.length ?? 0) > 1 || undefined;
    await coturn.until('stale nonces', repeated, 20_000);
    await coturn.line(/REFRESH processed, success/);
    expect((await client.status()).address).toBe(client.address);
    expect(client.program.output.match(/Using TURN server/g)).toHaveLength(1);
  });
});

import { afterAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { relayAddress, serverAddress, webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import { launch, startClient, startRelay, startServer } from '../src/programs/navalis.ts';
import { firstPing, ping } from '../src/traffic/ping.ts';
import { report } from './report.ts';

describe.concurrent('when the path is blocked', () => {
  const laboratories: Laboratory[] = [];

  function newLaboratory(): Laboratory {
    const laboratory = new Laboratory();
    laboratories.push(laboratory);
    return laboratory;
  }

  afterAll(async () => {
    for (const laboratory of laboratories) await laboratory.close();
  });

  it('a client whose server does not answer says so once, keeps trying, and says when it has its address', async () => {
    const laboratory = newLaboratory();
    const internet = new Internet(laboratory);
    const server = internet.serverHost();
    const client = launch(laboratory, internet.home().host, 'client', { flags: ['--server', serverAddress] });
    await client.program.line(/does not answer/, 30_000);
    // The whole next round of attempts, after a pause, logs nothing new.
    const sent = async (): Promise<number> => (await client.status()).counters.solicitationsSent;
    const before = await sent();
    await client.program.until('a round', async () => ((await sent()) >= before + 3 ? true : undefined), 90_000);
    await client.program.until(
      'its end',
      async () => ((await client.status()).state === 'off-line' ? true : undefined),
      20_000,
    );
    expect(client.program.output.match(/does not answer/g)).toHaveLength(1);

    await startServer(laboratory, server);
    await client.program.line(/Teredo address (2001:[0-9a-f:]+): /, 90_000);
    // The pauses between rounds grow and are random: the waits above may take this long together.
  }, 240_000);

  it('[IO-10] a path that heals after 20 s of loss works again within 10 s of traffic', async () => {
    const laboratory = newLaboratory();
    const internet = new Internet(laboratory);
    await startServer(laboratory, internet.serverHost());
    await startRelay(laboratory, internet.relayHost());
    internet.webHost();
    const client = await startClient(laboratory, internet.home().host);
    // A relay without earlier contact may send no fifth bubble in 300 s (RL-T-17); the client can contact this one.
    await firstPing(client.host, webIpv6Address, 10_000);
    const { core } = internet;
    core.run('nft', ['-f', '-'], {
      input: `table ip outage {
        chain forward {
          type filter hook forward priority filter;
          ip saddr ${relayAddress} drop
          ip daddr ${relayAddress} drop
        }
      }`,
    });
    const during = await ping(client.host, webIpv6Address, { count: 20, intervalMs: 1000, patienceMs: 1000 });
    expect(during.received).toBe(0);
    core.run('nft', ['delete', 'table', 'ip', 'outage']);
    const after = await ping(client.host, webIpv6Address, { count: 10, intervalMs: 1000, patienceMs: 1000 });
    expect(after.received).toBeGreaterThan(0);
    report(`${after.received} of ${after.sent} answered after the outage`);
  });
});

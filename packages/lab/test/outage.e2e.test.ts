import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { relayAddress, serverAddress, webIpv6Address } from '../src/address-plan.ts';
import { Internet } from '../src/internet.ts';
import { Laboratory } from '../src/laboratory.ts';
import type { Namespace } from '../src/namespace.ts';
import { launch, startClient, startRelay, startServer } from '../src/navalis.ts';
import { ping } from '../src/ping.ts';

describe('when the way is blocked', () => {
  let laboratory: Laboratory;
  let internet: Internet;
  let server: Namespace;

  beforeAll(async () => {
    laboratory = new Laboratory();
    internet = new Internet(laboratory);
    server = internet.serverHost();
  });

  afterAll(() => laboratory.close());

  it('a client whose server does not answer says so once, keeps trying, and says when it has its address', async () => {
    const client = launch(laboratory, internet.home().host, 'client', ['--server', serverAddress]);
    const silent = /does not answer/g;
    await client.program.line(/does not answer/, 30_000);
    // Two more attempts, with back-off, say nothing new.
    const sent = async (): Promise<number> => (await client.status()).counters.solicitationsSent;
    const before = await sent();
    await client.program.until('more attempts', async () => ((await sent()) >= before + 3 ? true : undefined), 90_000);
    expect(client.program.output.match(silent)).toHaveLength(1);
    expect((await client.status()).state).not.toBe('qualified');

    await startServer(laboratory, server);
    await client.program.line(/Teredo address (2001:[0-9a-f:]+): /, 90_000);
    await client.program.stop();
  });

  it('[IO-10] a path that heals after 20 s of loss works again within 10 s of traffic', async () => {
    await startRelay(laboratory, internet.relayHost());
    internet.webHost();
    const client = await startClient(laboratory, internet.home().host);
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
  });
});

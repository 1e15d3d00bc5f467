import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { serverAddress, webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { launch, type NavalisClient, startClient, startRelay, startServer } from '../src/programs/navalis.ts';
import { firstPing } from '../src/traffic/ping.ts';

describe('a client that starts again', () => {
  const laboratory = new Laboratory();
  const directory = laboratory.file('memory');
  let home: Namespace;
  let web: Namespace;
  let peer: NavalisClient;
  let client: NavalisClient;

  const again = () => startClient(laboratory, home, ['--state-directory', directory]);

  beforeAll(async () => {
    const internet = new Internet(laboratory);
    await startServer(laboratory, internet.serverHost());
    await startRelay(laboratory, internet.relayHost());
    web = internet.webHost();
    home = internet.home().host;
    [client, peer] = await Promise.all([again(), startClient(laboratory, internet.home().host)]);
    await firstPing(peer.host, client.address, 20_000);
  });

  afterAll(() => laboratory.close());

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'after %s has the same port and address, and peers and native hosts reach it',
    async (signal) => {
      const { address } = client;
      const port = (await client.status()).local?.port;
      client.program.signal(signal);
      await client.program.ended;
      client = await again();
      expect([client.address, (await client.status()).local?.port]).toEqual([address, port]);
      await firstPing(peer.host, address, 20_000);
      await firstPing(web, address, 20_000);
    },
    90_000,
  );

  it('says that the file of the last run is damaged, and replaces it', async () => {
    await client.program.stop();
    const file = join(directory, readdirSync(directory)[0]!);
    writeFileSync(file, '{"port":40');
    client = await again();
    expect(client.program.output).toContain(`Ignoring ${file}: it is damaged.`);
    await client.program.stop();
    const { address } = client;
    client = await again();
    expect(client.program.output).not.toContain('Ignoring');
    expect(client.address).toBe(address);
  }, 90_000);

  it('works on a full disk, and says that it cannot write', async () => {
    await client.program.stop();
    // The program itself is elsewhere; one page holds the folder, and none is left for a file.
    const script = 'mount -t tmpfs -o nr_inodes=1 none "$0" && exec "$@"';
    client = {
      ...client,
      ...launch(laboratory, home, 'client', {
        flags: ['--server', serverAddress, '--state-directory', directory],
        interpreter: ['unshare', '--mount', 'sh', '-c', script, directory],
      }),
    };
    await client.program.line(/Teredo address 2001:/);
    await client.program.line(/Cannot write \S+ \(ENOSPC\): .*Free space on its file system\./);
    await firstPing(home, webIpv6Address, 20_000);
  }, 60_000);
});

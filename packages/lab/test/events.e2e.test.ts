import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { serverAddress, webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import { Bind9, makeTsigKey, nsupdateFolder } from '../src/programs/bind9.ts';
import { launch, startClient, startRelay, startServer } from '../src/programs/navalis.ts';
import { repositoryPath } from '../src/repository.ts';
import { firstPing } from '../src/traffic/ping.ts';

/** The page for operators: the test uses its zone and its script word by word. */
const page = readFileSync(repositoryPath('docs/operate/events.md'), 'utf8');
const script = repositoryPath('examples/dynamic-dns/update-dns');
const dnsAddress = '198.51.100.66';

describe('a program for events', () => {
  const laboratory = new Laboratory();
  let internet: Internet;

  beforeAll(async () => {
    internet = new Internet(laboratory);
    await startServer(laboratory, internet.serverHost());
    await startRelay(laboratory, internet.relayHost());
    internet.webHost();
  });

  afterAll(() => laboratory.close());

  it('keeps a name at the address of the client, and removes it when the client ends', async () => {
    const host = internet.bystander();
    const key = laboratory.file('laptop.key');
    writeFileSync(key, makeTsigKey(host, 'laptop'), { mode: 0o600 });
    const zone = /^```\nkey "laptop" .*?\n(zone .*?)^```$/ms.exec(page)?.[1] ?? '';
    const dns = await Bind9.start(laboratory, host, dnsAddress, `${readFileSync(key, 'utf8')}\n${zone}`);
    const name = 'laptop.home.example';
    expect(await dns.look(name)).toEqual([]);

    const home = internet.home().host;
    const configuration = laboratory.file('client.toml');
    writeFileSync(configuration, `on-event = ["${script}", "${dnsAddress}", "home.example", "${name}", "${key}"]\n`);
    // nsupdate is on the path of a program for events.
    const bin = ['unshare', '--mount', 'sh', '-c', 'mount --bind "$0" /usr/local/sbin && exec "$@"'];
    const client = launch(laboratory, home, 'client', {
      flags: ['--server', serverAddress, '--config', configuration],
      interpreter: [...bin, nsupdateFolder(laboratory)],
    });
    const [, address = ''] = await client.program.line(/Teredo address (2001:[0-9a-f:]+): /);
    await expect.poll(() => dns.look(name), { timeout: 20_000, interval: 200 }).toEqual([address]);
    await firstPing(home, webIpv6Address, 20_000);
    await client.program.stop();
    expect(await dns.look(name)).toEqual([]);
    expect(client.program.output).not.toContain('on-event');
  }, 90_000);

  it.each([
    ['hangs', ['/bin/sleep', '1000'], /The program \/bin\/sleep \(key on-event\) did not end within 1 s for the event/],
    [
      'is missing',
      ['/nonexistent'],
      /The program \/nonexistent \(key on-event\) cannot be run for the event \S+ \(ENOENT\)/,
    ],
  ])(
    'that %s is named in the log, and the client works',
    async (_, command, sentence) => {
      const home = internet.home().host;
      const hook = command.flatMap((part) => ['--on-event', part]);
      const client = await startClient(laboratory, home, [...hook, '--on-event-timeout', '1']);
      await client.program.line(sentence);
      await firstPing(home, webIpv6Address, 20_000);
      expect(await client.program.stop()).toEqual({ status: 0, signal: null });
    },
    60_000,
  );
});

import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { otherServerAddress, serverAddress, webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { launch, type Navalis, startRelay, startServer } from '../src/programs/navalis.ts';
import { Program } from '../src/programs/program.ts';
import { firstPing, ping } from '../src/traffic/ping.ts';

const otherPrefix = '2d00:0:0:3::/64';

describe('SIGHUP to programs that run', () => {
  const laboratory = new Laboratory();
  let home: Namespace;
  let server: Navalis;
  let relay: Navalis;
  let client: Navalis;
  const files = {
    server: laboratory.file('server.toml'),
    client: laboratory.file('client.toml'),
    relay: laboratory.file('relay.toml'),
  };

  /** Writes a configuration, and waits until the program has read it. */
  async function reload(program: Navalis, file: string, text: string): Promise<string> {
    const from = program.program.output.length;
    writeFileSync(file, text);
    program.program.signal('SIGHUP');
    const since = () => program.program.output.slice(from);
    await program.program.until(
      'a reload',
      () => /Configuration read again|stays as it was/.exec(since()) ?? undefined,
      20_000,
    );
    return since();
  }

  beforeAll(async () => {
    const internet = new Internet(laboratory);
    writeFileSync(files.server, '');
    server = await startServer(laboratory, internet.serverHost(), serverAddress, ['--config', files.server]);
    await startServer(laboratory, internet.otherServerHost(), otherServerAddress);
    writeFileSync(files.relay, '');
    relay = await startRelay(laboratory, internet.relayHost(), ['--config', files.relay]);
    internet.webHost();
    home = internet.home().host;
    writeFileSync(files.client, `server = "${serverAddress}"\n`);
    client = launch(laboratory, home, 'client', { flags: ['--config', files.client] });
    await client.program.line(/Teredo address 2001:/);
    await firstPing(home, webIpv6Address, 20_000);
  });

  afterAll(() => laboratory.close());

  const routes = () => home.run('ip', ['-6', 'route', 'show', 'default']).stdout;

  it('changes the routes of a client, and loses no packet', async () => {
    const pinging = ping(home, webIpv6Address, { count: 20, intervalMs: 100 });
    home.ip('addr add 2001:db8::7/64 dev teredo nodad preferred_lft 0', 'route add 2d00:7::/32 dev teredo');
    await reload(client, files.client, `server = "${serverAddress}"\nroute-metric = 77\n`);
    const hasChanged = () => /metric 77/.test(routes()) && !routes().includes('metric 1000000');
    await client.program.until('the metric', () => hasChanged() || undefined, 10_000);
    expect(routes()).not.toContain('metric 1000000');
    expect(await pinging).toMatchObject({ sent: 20, received: 20 });
    // Additions of the operator.
    expect(home.run('ip', ['-6', 'address', 'show', 'dev', 'teredo']).stdout).toContain('2001:db8::7/64');
    expect(home.run('ip', ['-6', 'route', 'show', 'dev', 'teredo']).stdout).toContain('2d00:7::/32');
    home.ip('addr del 2001:db8::7/64 dev teredo', 'route del 2d00:7::/32 dev teredo');
  }, 60_000);

  it('gives a client other servers, and it qualifies with them', async () => {
    const before = (await client.status()).local;
    await reload(client, files.client, `server = "${otherServerAddress}"\nroute-metric = 77\n`);
    await client.program.line(new RegExp(`Teredo address \\S+: server ${otherServerAddress.replaceAll('.', '\\.')}`));
    expect(await client.status()).toMatchObject({ server: otherServerAddress, local: before });
    await firstPing(home, webIpv6Address, 20_000);
  }, 60_000);

  it('opens the socket of a client again at the same port, with the same address', async () => {
    const before = await client.status();
    const text = `server = "${otherServerAddress}"\nroute-metric = 77\nmax-peers = 64\n`;
    await reload(client, files.client, text);
    // The next address is reported after this line.
    await client.program.line(
      /Opening the socket again, at the same port: max-peers changed\.[\s\S]*Teredo address 2001:/,
    );
    await firstPing(home, webIpv6Address, 20_000);
    expect(await client.status()).toMatchObject({ address: before.address, local: before.local });
  }, 60_000);

  it('keeps the configuration after a mistake', async () => {
    const said = await reload(client, files.client, 'server = "a b"\n');
    expect(said).toMatch(
      /The configuration stays as it was: server = \["a b"\]|The configuration stays as it was: server = "a b"/,
    );
    expect((await ping(home, webIpv6Address, { count: 3 })).received).toBe(3);
  }, 60_000);

  it('changes the prefixes that a relay serves, and keeps its clients', async () => {
    await reload(relay, files.relay, `served-prefix = ["${otherPrefix}"]\n`);
    expect((await relay.status()).peers).toBeGreaterThan(0);
    expect((await ping(home, webIpv6Address, { count: 2 })).received).toBe(0);
    const { drops } = (await relay.status()).counters;
    // The request of the client, or an answer that was under way.
    expect((drops['destination-not-served'] ?? 0) + (drops['source-not-served'] ?? 0)).toBeGreaterThan(0);
    await reload(relay, files.relay, 'interface = "teredo7"\n');
    await relay.program.line(/These keys take effect at the next start: interface\./);
    await firstPing(home, webIpv6Address, 20_000);
  }, 60_000);

  it('tries an address of http again at each reload, as its warning says', async () => {
    const port = 9464;
    const taker = Program.start(laboratory, relay.host, {
      name: 'another program at the address of http',
      command: process.execPath,
      args: ['-e', `require('node:net').createServer().listen(${port}, '127.0.0.1', () => console.log('listening'))`],
    });
    await taker.line(/listening/);
    const text = `http = "127.0.0.1:${port}"\n`;
    await reload(relay, files.relay, text);
    await relay.program.line(/in use by something else\. Status and metrics have no TCP address until the next reload/);
    await taker.stop();
    const said = await reload(relay, files.relay, text);
    expect(said).toContain('nothing changed');
    const ask = `fetch('http://127.0.0.1:${port}/health').then(({ status }) => console.log(status), () => console.log('refused'))`;
    const answer = async () =>
      (await relay.host.runBeside(process.execPath, ['-e', ask])).stdout.trim() === '200' || undefined;
    await relay.program.until('an answer over TCP', answer, 20_000);
  }, 90_000);

  it('[SV-C-05] judges the IPv6 of a server by the ranges that it has read', async () => {
    const isDegraded = (expected: boolean) =>
      server.program.until(
        expected ? 'no IPv6 connectivity' : 'IPv6 connectivity',
        async () => ((await server.health()).degraded ?? []).includes('no-ipv6-connectivity') === expected || undefined,
        20_000,
      );
    server.host.ip('addr add 2001:db8::10/64 dev eth0 nodad', 'addr del 2d00:0:0:1::10/64 dev eth0');
    await isDegraded(true);
    await reload(server, files.server, 'extra-global-ipv6 = ["2001:db8::/32"]\n');
    await isDegraded(false);
    await reload(server, files.server, '');
    await isDegraded(true);
  }, 90_000);
});

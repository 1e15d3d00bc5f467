import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { serverAddress, turnAddress, webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { blockUdp } from '../src/network/nat-box.ts';
import { makeCertificate, startCoturn, turnFlags } from '../src/programs/coturn.ts';
import { diagnose } from '../src/programs/diagnose.ts';
import { launch, type NavalisClient, startClient, startRelay, startServer } from '../src/programs/navalis.ts';
import type { Program } from '../src/programs/program.ts';
import { firstPing, ping } from '../src/traffic/ping.ts';
import { exercise } from './exercise.ts';
import { report } from './report.ts';

const laboratory = new Laboratory();
let internet: Internet;
let web: Namespace;
let turnHost: Namespace;
let coturn: Program;
let certificateFlags: readonly string[];

/** Returns the packets that the host's interfaces have sent and received. */
function packetsOf(host: Namespace): number {
  const links = host.ipJson('-statistics', 'link') as {
    readonly stats64: { readonly rx: { readonly packets: number }; readonly tx: { readonly packets: number } };
  }[];
  return links.reduce((sum, { stats64: { rx, tx } }) => sum + rx.packets + tx.packets, 0);
}

beforeAll(async () => {
  internet = new Internet(laboratory);
  await startServer(laboratory, internet.serverHost());
  await startRelay(laboratory, internet.relayHost());
  web = internet.webHost();
  turnHost = internet.turnHost();
  const { certificate, key } = makeCertificate(laboratory, turnHost);
  // For the clients that are started later.
  Object.assign(process.env, { NODE_EXTRA_CA_CERTS: certificate });
  certificateFlags = ['--cert', certificate, '--pkey', key];
  coturn = await startCoturn(laboratory, turnHost, { flags: certificateFlags });
});

afterAll(() => laboratory.close());

describe('clients behind symmetric NATs, through coturn', () => {
  let alice: NavalisClient;

  it('[TU-15] one has the address of the relayed endpoint, and says so', { timeout: 60_000 }, async () => {
    alice = await startClient(laboratory, internet.home('port-symmetric').host, turnFlags(laboratory));
    const { turn, mapped, nat } = await alice.status();
    expect(turn).toMatchObject({ transport: 'udp', relayed: { address: turnAddress } });
    expect(mapped).toEqual(turn?.relayed);
    expect(nat).toBe('restricted');
    report(`address through coturn after ${alice.addressAfterMs.toFixed(0)} ms`);
  });

  it('diagnose tells what each TURN server gives, and that peers are reached through it', async () => {
    const { host } = internet.home('port-symmetric');
    const uris = [`turn:${turnAddress}`, `turn:${turnAddress}?transport=tcp`, `turns:${turnAddress}`];
    const said = async (flags: readonly string[]) => {
      const { stdout, status } = await diagnose(host, '--json', ...flags, '--native-target', 'none');
      return { ...(JSON.parse(stdout) as { turn: readonly object[]; peers: object }), status };
    };
    const good = await said(turnFlags(laboratory, { uris, use: 'fallback' }));
    const relayed = expect.stringMatching(new RegExp(`^${turnAddress.replaceAll('.', '\\.')}:[0-9]+$`)) as string;
    expect(good.turn).toMatchObject(
      (['udp', 'tcp', 'tls'] as const).map((transport) => ({ transport, relayed, failure: null })),
    );
    expect(good).toMatchObject({ peers: { cone: 'turn', 'port-symmetric': 'turn' }, status: 3 });
    const bad = await said(turnFlags(laboratory, { use: 'fallback', password: 'wrong' }));
    expect(bad.turn).toMatchObject([{ relayed: null, failure: 'wrong-credentials' }]);
    expect(bad.peers).toMatchObject({ cone: 'direct', 'port-symmetric': 'none' });
  });

  it('[TU-15] reaches native hosts, and is reached', { timeout: 120_000 }, async () => {
    await exercise(laboratory, { name: 'TURN', ...alice }, { name: 'native', host: web, address: webIpv6Address });
  });

  it('[TU-15] reaches a client without TURN, and is reached', { timeout: 120_000 }, async () => {
    const bob = await startClient(laboratory, internet.home('port-restricted').host);
    await exercise(laboratory, { name: 'TURN', ...alice }, { name: 'port-restricted', ...bob });
    await bob.program.stop();
  });

  it('[TU-15] reaches another one on the same server', { timeout: 120_000 }, async () => {
    const carol = await startClient(laboratory, internet.home('port-symmetric').host, turnFlags(laboratory));
    await exercise(laboratory, { name: 'TURN', ...alice }, { name: 'TURN', ...carol });
    await carol.program.stop();
  });

  it('[TU-23] the relay carries nothing of a peer that lets everybody in', { timeout: 90_000 }, async () => {
    const flags = turnFlags(laboratory, { use: 'fallback' });
    const dora = await startClient(laboratory, internet.home('port-symmetric').host, flags);
    const relayed = await dora.program.until(
      'a relayed endpoint',
      async () => {
        const { state, turn, mapped } = await dora.status();
        return state === 'qualified' && turn?.relayed !== undefined ? mapped : undefined;
      },
      30_000,
      200,
    );
    expect(relayed.address).toBe(turnAddress);
    const eve = await startClient(laboratory, internet.home('cone').host);
    await firstPing(dora.host, eve.address, 20_000);
    await dora.program.until(
      'a peer without the relay',
      async () => ((await dora.status()).paths?.['turn-direct'] === 1 ? true : undefined),
      20_000,
      200,
    );
    const before = packetsOf(turnHost);
    const { sent, received } = await ping(dora.host, eve.address, { count: 100, intervalMs: 20 });
    expect(received).toBe(sent);
    const grown = packetsOf(turnHost) - before;
    report(`${sent} pings without the relay, which saw ${grown} packets meanwhile`);
    // Relayed, they would be 400; the clients refresh their mappings through it.
    expect(grown).toBeLessThan(100);
    await Promise.all([dora.program.stop(), eve.program.stop()]);
  });

  it('[TU-09] has an address again within 35 s when the server is killed and started', {
    timeout: 120_000,
  }, async () => {
    const { mapped } = await alice.status();
    const startedAt = performance.now();
    await coturn.kill();
    coturn = await startCoturn(laboratory, turnHost, { flags: certificateFlags, label: 'coturn-2' });
    await alice.program.until(
      'another address',
      async () => {
        const status = await alice.status();
        return (status.state === 'qualified' && status.mapped?.port !== mapped?.port) || undefined;
      },
      40_000,
      200,
    );
    const tookMs = performance.now() - startedAt;
    report(`another address ${tookMs.toFixed(0)} ms after coturn was killed`);
    expect(tookMs).toBeLessThan(35_000);
    await firstPing(alice.host, webIpv6Address, 20_000);
    await alice.program.stop();
  });

  it('[TU-10] with a wrong password a client is off-line, and says why', { timeout: 60_000 }, async () => {
    const flags = ['--server', serverAddress, ...turnFlags(laboratory, { password: 'wrong' })];
    const client = launch(laboratory, internet.home().host, 'client', { flags });
    await client.program.line(/gives no allocation: it refuses the user name or the password/);
    expect(await client.status()).toMatchObject({ state: 'off-line', turn: { failure: 'wrong-credentials' } });
    await client.program.stop();
  });
});

describe('a client whose UDP is blocked', () => {
  it.each([
    ['TCP', `turn:${turnAddress}?transport=tcp`, 3478],
    ['TLS', `turns:${turnAddress}`, 5349],
  ])('[TU-16][TU-21] uses TURN over %s, and names the server', { timeout: 240_000 }, async (name, uri, port) => {
    const { host, router } = internet.home('port-symmetric');
    blockUdp(router);
    const client = await startClient(laboratory, host, turnFlags(laboratory, { uris: [uri] }));
    const server = { address: turnAddress, port };
    expect((await client.status()).turn).toMatchObject({ transport: name.toLowerCase(), server });
    expect(client.program.output).toContain(`Using TURN server ${turnAddress}:${port} over ${name}`);
    await exercise(laboratory, { name, ...client }, { name: 'native', host: web, address: webIpv6Address });
    await client.program.stop();
  });
});

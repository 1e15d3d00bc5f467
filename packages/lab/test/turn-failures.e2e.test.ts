import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { serverAddress, turnAddress, webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { startCoturn, turnFlags } from '../src/programs/coturn.ts';
import {
  launch,
  type Navalis,
  type NavalisClient,
  startClient,
  startRelay,
  startServer,
} from '../src/programs/navalis.ts';
import type { Program } from '../src/programs/program.ts';
import { firstPing } from '../src/traffic/ping.ts';
import { report } from './report.ts';

/** Addresses of the TURN servers' machine besides its first one. */
const [quotaAddress, alternateAddress, lateAddress, forbiddingAddress, ...killedAddresses] = [
  '198.51.100.41',
  '198.51.100.42',
  '198.51.100.43',
  '198.51.100.44',
  '198.51.100.45',
  '198.51.100.46',
] as const;

describe('clients of coturn', { timeout: 120_000 }, () => {
  const laboratory = new Laboratory();
  const internet = new Internet(laboratory);
  const turnHost = internet.turnHost();
  let web: Namespace;
  let coturn: Program;

  beforeAll(async () => {
    await startServer(laboratory, internet.serverHost());
    await startRelay(laboratory, internet.relayHost());
    web = internet.webHost();
    const others = [quotaAddress, alternateAddress, lateAddress, forbiddingAddress, ...killedAddresses];
    turnHost.ip(...others.map((address) => `addr add ${address}/24 dev eth0`));
    [coturn] = await Promise.all([
      startCoturn(laboratory, turnHost),
      at(quotaAddress, '--user-quota=1'),
      at(alternateAddress, '--alternate-server', `${turnAddress}:3478`),
      at(forbiddingAddress, '--denied-peer-ip', serverAddress),
    ]);
  });

  afterAll(() => laboratory.close());

  function at(address: string, ...flags: readonly string[]) {
    return startCoturn(laboratory, turnHost, { address, flags, label: `coturn-${address}` });
  }

  function flagsFor(...uris: readonly string[]): readonly string[] {
    return [...turnFlags(laboratory, { uris }), '--refresh-interval', '5'];
  }

  function start(...uris: readonly string[]): Promise<NavalisClient> {
    return startClient(laboratory, internet.home('port-symmetric').host, flagsFor(...uris));
  }

  /** A client that gets no allocation at first. */
  function startInVain(flags: readonly string[]): Navalis {
    const { host } = internet.home('port-symmetric');
    return launch(laboratory, host, 'client', { flags: ['--server', serverAddress, ...flags] });
  }

  async function relayedOf(client: Navalis, before?: number): Promise<number> {
    const relayed = async () => {
      const { state, turn } = await client.status();
      const port = turn?.relayed?.port;
      return state === 'qualified' && port !== before ? port : undefined;
    };
    return client.program.until('an allocation', relayed, 40_000, 200);
  }

  async function failureOf(client: Navalis, pattern: RegExp): Promise<string | undefined> {
    await client.program.line(pattern, 30_000);
    return (await client.status()).turn?.failure;
  }

  it.concurrent('[TU-10] beyond the quota name it, and come in when another one leaves', async () => {
    const first = await start(`turn:${quotaAddress}`);
    const second = startInVain(flagsFor(`turn:${quotaAddress}`));
    expect(await failureOf(second, /gives no allocation/)).toBe('quota-reached');
    await first.program.stop();
    await relayedOf(second);
    await firstPing(second.host, webIpv6Address, 10_000);
  });

  it.concurrent('[TU-10] with a wrong password ask seldom', async () => {
    const client = startInVain(turnFlags(laboratory, { password: 'wrong' }));
    expect(await failureOf(client, /refuses the user name or the password/)).toBe('wrong-credentials');
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    // The challenge before names no user.
    expect(coturn.output.match(/user <alice>: .* error 401/g)).toHaveLength(1);
    expect(await client.status()).toMatchObject({ state: 'off-line', turn: { failure: 'wrong-credentials' } });
  });

  it.concurrent('[TU-10] follow it to an alternate server over UDP', async () => {
    const client = await start(`turn:${alternateAddress}`);
    expect((await client.status()).turn).toMatchObject({ server: { address: turnAddress, port: 3478 } });
    await firstPing(client.host, webIpv6Address, 10_000);
  });

  it.concurrent('[TU-10] name an alternate server that they do not follow', async () => {
    const client = startInVain(flagsFor(`turn:${alternateAddress}?transport=tcp`));
    expect(await failureOf(client, /gives no allocation/)).toBe('alternate-server-refused');
  });

  it.concurrent('[TU-06] name a Teredo server to which it does not relay', async () => {
    const client = startInVain(flagsFor(`turn:${forbiddingAddress}`));
    expect(await failureOf(client, /gives no allocation/)).toBe('server-not-permitted');
  });

  it.concurrent('[TU-10] go on with the next one when it is dead, and come back when it lives', async () => {
    const patient = startInVain(flagsFor(`turn:${lateAddress}`));
    const other = startInVain(flagsFor(`turn:${lateAddress}`, `turn:${turnAddress}`));
    await other.program.line(/Using TURN server/, 40_000);
    expect((await other.status()).turn).toMatchObject({ server: { address: turnAddress } });
    expect(await failureOf(patient, /gives no allocation/)).toBe('silent');
    await at(lateAddress);
    await relayedOf(patient);
    await firstPing(patient.host, webIpv6Address, 10_000);
  });

  it.concurrent('[TU-09] have another allocation when their NAT maps them to another address', async () => {
    const home = internet.home('port-symmetric');
    const client = await startClient(laboratory, home.host, flagsFor(`turn:${turnAddress}`));
    const before = await relayedOf(client);
    const startedAt = performance.now();
    home.router.ip(
      'addr flush dev wan',
      `addr add ${home.publicAddress.replace(/\d+$/, '250')}/24 dev wan`,
      'route add default via 203.0.113.1',
    );
    await relayedOf(client, before);
    report(`NAT with another address: another allocation after ${Math.round(performance.now() - startedAt)} ms`);
    await firstPing(client.host, webIpv6Address, 10_000);
  });

  it.concurrent.each([
    ['udp', killedAddresses[0]],
    ['tcp', killedAddresses[1]],
  ] as const)('[TU-09] over %s have another allocation each time it is killed', async (transport, address) => {
    let server = await at(address);
    const client = await start(`turn:${address}?transport=${transport}`);
    for (let time = 1; time <= 2; time++) {
      const before = await relayedOf(client);
      const startedAt = performance.now();
      await server.kill();
      server = await startCoturn(laboratory, turnHost, { address, label: `coturn-${address}-${time}` });
      await relayedOf(client, before);
      report(`killed over ${transport}: another allocation after ${Math.round(performance.now() - startedAt)} ms`);
      await firstPing(web, (await client.status()).address!, 10_000);
    }
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { serverAddress, turnAddress } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import { blockUdp } from '../src/network/nat-box.ts';
import { startCoturn, turnFlags } from '../src/programs/coturn.ts';
import { launch, type Navalis, startClient, startServer } from '../src/programs/navalis.ts';
import { firstPing } from '../src/traffic/ping.ts';
import { report } from './report.ts';

describe('a client that falls back to coturn', { timeout: 120_000 }, () => {
  const laboratory = new Laboratory();
  const internet = new Internet(laboratory);

  beforeAll(async () => {
    await startServer(laboratory, internet.serverHost());
    await startCoturn(laboratory, internet.turnHost());
  });

  afterAll(() => laboratory.close());

  async function addressOf(client: Navalis, isRelayed: boolean): Promise<string> {
    const address = async () => {
      const { state, turn, address } = await client.status();
      return (state === 'qualified' && (turn?.relayed !== undefined) === isRelayed && address) || undefined;
    };
    return client.program.until(isRelayed ? 'a relayed address' : 'an address of its own', address, 60_000, 200);
  }

  it.concurrent('[TU-17] from a symmetric NAT has its own mapping at once in another network', async () => {
    const { host, router, changeNat } = internet.home('port-symmetric');
    const client = await startClient(laboratory, host, turnFlags(laboratory, { use: 'fallback' }));
    await addressOf(client, true);
    const startedAt = performance.now();
    changeNat('port-restricted');
    const [, gateway = ''] = /default via ([\d.]+)/.exec(host.run('ip', ['route']).stdout) ?? [];
    const other = gateway.replace(/\d+$/, '2');
    router.ip(`addr add ${other}/24 dev lan`);
    host.ip(`route replace default via ${other}`);
    const address = await addressOf(client, false);
    report(`another network: own mapping after ${Math.round(performance.now() - startedAt)} ms`);
    const peer = await startClient(laboratory, internet.home().host);
    await firstPing(peer.host, address, 20_000);
  });

  it.concurrent('[TU-17] because its UDP is blocked reaches peers over TCP', async () => {
    const { host, router } = internet.home();
    blockUdp(router);
    const flags = turnFlags(laboratory, { uris: [`turn:${turnAddress}?transport=tcp`], use: 'fallback' });
    const client = launch(laboratory, host, 'client', { flags: ['--server', serverAddress, ...flags] });
    await client.program.line(/Using TURN server/, 60_000);
    const address = await addressOf(client, true);
    report(
      `UDP blocked: address over TCP ${Math.round(performance.now() - client.program.startedAtMs)} ms after the start`,
    );
    const peer = await startClient(laboratory, internet.home().host);
    await firstPing(peer.host, address, 20_000);
    await firstPing(host, peer.address, 20_000);
    expect((await client.status()).turn).toMatchObject({ transport: 'tcp' });
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guideBlocks } from '../src/guide/guide-blocks.ts';
import { GuideMachine } from '../src/guide/guide-machine.ts';
import { Laboratory } from '../src/laboratory.ts';
import { relayAddress, relayIpv6Address, webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { type Navalis, type NavalisClient, startClient, startRelay, startServer } from '../src/programs/navalis.ts';
import { firstPing, ping } from '../src/traffic/ping.ts';

const [share] = guideBlocks('docs/operate/relays.md', 'Share the packets');
const again = '/etc/navalis/share-relays teredo1 teredo2';
/** Addresses of the second relay on the first one's host. */
const otherAddress = '198.51.100.13';
const otherIpv6Address = '2d00:0:0:1::13';

describe('two relays on one host that share the clients', () => {
  let laboratory: Laboratory;
  let host: Namespace;
  let web: Namespace;
  let machine: GuideMachine;
  let clients: readonly NavalisClient[];
  const relays: Navalis[] = [];

  const start = async (index: number): Promise<void> => {
    const address = [relayAddress, otherAddress][index]!;
    const ipv6 = [relayIpv6Address, otherIpv6Address][index]!;
    const flags = ['--interface', `teredo${index + 1}`, '--bind-address', address, '--service-route', 'false'];
    relays[index] = await startRelay(laboratory, host, [...flags, '--ipv6-address', ipv6]);
  };

  /** Pings both ways; returns the indexes of the relays that took packets for the client, and that delivered the client's. */
  const relaysOf = async (client: NavalisClient) => {
    const counters = () => Promise.all(relays.map(async (relay) => (await relay.status()).counters));
    const before = await counters();
    expect(await ping(web, client.address, { count: 3 })).toMatchObject({ received: 3 });
    expect(await ping(client.host, webIpv6Address, { count: 3 })).toMatchObject({ received: 3 });
    const after = await counters();
    const having = (name: 'packetsTaken' | 'packetsDelivered') =>
      after.flatMap((each, index) => (each[name] > before[index]![name] ? [index] : []));
    return { takers: having('packetsTaken'), deliverers: having('packetsDelivered') };
  };

  beforeAll(async () => {
    laboratory = new Laboratory();
    const internet = new Internet(laboratory);
    await startServer(laboratory, internet.serverHost());
    host = internet.relayHost();
    host.ip(`addr add ${otherAddress}/24 dev eth0`, `addr add ${otherIpv6Address}/64 dev eth0`);
    web = internet.webHost();
    machine = await GuideMachine.start(laboratory, host);
    await Promise.all([start(0), start(1)]);
    await machine.run(share!.commands);
    clients = await Promise.all([1, 2].map(() => startClient(laboratory, internet.home().host)));
  });

  afterAll(() => laboratory.close());

  it('[RL-A-01a] leave the route to the operator, and serve each client through one of them, both ways', async () => {
    for (const client of clients) {
      await firstPing(web, client.address, 15_000);
      await firstPing(client.host, webIpv6Address, 15_000);
      const { takers, deliverers } = await relaysOf(client);
      expect(takers).toHaveLength(1);
      expect(deliverers).toEqual(takers);
    }
    for (const relay of relays) expect((await relay.status()).state).toBe('running');
  });

  it('take over from each other when one is killed, and share again when it is back', {
    timeout: 120_000,
  }, async () => {
    const client = clients[0]!;
    const [index] = (await relaysOf(client)).takers;
    await relays[index!]!.program.kill();
    await firstPing(web, client.address, 45_000);
    await firstPing(client.host, webIpv6Address, 45_000);
    await start(index!);
    await machine.run(again);
    await firstPing(web, client.address, 45_000);
    // The client may still send to the other one, which it knows.
    expect((await relaysOf(client)).takers).toEqual([index]);
  });
});

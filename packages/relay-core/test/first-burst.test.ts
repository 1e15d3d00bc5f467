import { parseIpv4 } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import { client, clientEndpoint, nativeHost, packet, relayLaboratory, serverEndpoint } from './laboratory.ts';

const toClient = packet(nativeHost, client);
const isDirect = ({ address, port }: { address: number; port: number }) =>
  address === clientEndpoint.address && port === clientEndpoint.port;

describe('the first burst of a relay', () => {
  it('[RL-T-23] goes through the server alone when the relay has a public address; the others go straight, too', () => {
    const relay = relayLaboratory({ directBubbles: 'unless-public' });
    const first = relay.send(toClient);
    expect(first.map(({ address, port }) => ({ address, port }))).toEqual([serverEndpoint]);
    expect(relay.runUntil(6_000).map((sent) => [sent.at, isDirect(sent)])).toEqual([
      [2_000, true],
      [2_000, false],
      [4_000, true],
      [4_000, false],
      [6_000, true],
      [6_000, false],
    ]);
  });

  it.each([
    ['has none', { directBubbles: 'unless-public', ownIpv4Addresses: [parseIpv4('192.168.1.2')!] }],
    ['is not told so', {}],
  ] as const)('[RL-T-14][RL-T-23] goes both ways when it %s', (_, options) => {
    expect(relayLaboratory(options).send(toClient).map(isDirect)).toEqual([true, false]);
  });

  it('[RL-T-23] goes through the server alone when one of several addresses is public', () => {
    const ownIpv4Addresses = ['10.0.0.2', '198.51.100.9', '192.168.1.2'].map((text) => parseIpv4(text)!);
    const relay = relayLaboratory({ directBubbles: 'unless-public', ownIpv4Addresses });
    expect(relay.send(toClient).map(isDirect)).toEqual([false]);
  });

  it('[RL-T-23] follows the addresses of the node', () => {
    const relay = relayLaboratory({ directBubbles: 'unless-public' });
    relay.engine.replaceAddresses({ ownIpv4Addresses: [parseIpv4('10.0.0.2')!] });
    expect(relay.send(toClient)).toHaveLength(2);
    relay.runUntil(8_000);
    relay.engine.replaceAddresses({ ownIpv4Addresses: [parseIpv4('198.51.100.9')!] });
    expect(relay.send(toClient, 400_000)).toHaveLength(1);
    relay.engine.replaceAddresses({ localAddress: nativeHost });
    expect(relay.runUntil(402_000)).toHaveLength(2);
  });
});

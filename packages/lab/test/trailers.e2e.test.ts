import { formatIpv6, type Ipv6Value, parseIpv4, parseIpv6, readIpv6 } from '@navalis/address';
import {
  bubbleLength,
  DatagramLayout,
  destinationOffset,
  isBubble,
  isEchoRequest,
  nonceLength,
  readDatagram,
  readRouterAdvertisement,
  sourceOffset,
  writeBubble,
  writeNonceAuthentication,
  writeRouterSolicitation,
} from '@navalis/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { relayAddress, serverAddress, webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { type NavalisClient, startClient, startRelay, startServer } from '../src/programs/navalis.ts';
import { ping } from '../src/traffic/ping.ts';
import { type ReceivedDatagram, UdpProbe } from '../src/traffic/udp-probe.ts';

const server = { address: serverAddress, port: 3544 };
const probeAddress = '198.51.100.66';

/** Nonce, Random Port, Alternate Address and Neighbor Discovery Option, as in RFC 6081 4. */
const trailers = Buffer.from('0104deadbeef05023039030e0000c0a8010ac0000a000007c000040400000000', 'hex');

describe('bubbles as Windows clients send them', () => {
  let laboratory: Laboratory;
  let web: Namespace;
  let client: NavalisClient;
  let probe: UdpProbe;
  let probeTeredo: Ipv6Value;

  beforeAll(async () => {
    laboratory = new Laboratory();
    const internet = new Internet(laboratory);
    web = internet.webHost();
    await startServer(laboratory, internet.serverHost());
    await startRelay(laboratory, internet.relayHost());
    client = await startClient(laboratory, internet.home().host);
    probe = await UdpProbe.start(laboratory, internet.bystander(), probeAddress);
    probeTeredo = await qualify();
  });

  afterAll(() => laboratory.close());

  /** Solicits a prefix from the server as a client without a NAT. */
  async function qualify(): Promise<Ipv6Value> {
    const bytes = new Uint8Array(128);
    const linkLocal = parseIpv6('fe80::ffff:ffff:ffff')!;
    let length = writeNonceAuthentication(bytes, 0, new Uint8Array(nonceLength).fill(3));
    length += writeRouterSolicitation(bytes, length, linkLocal);
    probe.send(bytes.slice(0, length), server);
    const answer = await probe.receive('a router advertisement', (datagram) => datagram.from.address === serverAddress);
    const [prefix] = readRouterAdvertisement(answer.bytes, layoutOf(answer).packetOffset)?.prefixes ?? [];
    const { word0 = 0, word1 = 0 } = prefix?.prefix ?? {};
    const { address, port } = probe.endpoint;
    return { word0, word1, word2: port ^ 0xffff, word3: ~parseIpv4(address)! >>> 0 };
  }

  function bubbleWithTrailers(destination: Ipv6Value): Uint8Array {
    const bytes = new Uint8Array(bubbleLength + trailers.length);
    writeBubble(bytes, 0, probeTeredo, destination);
    bytes.set(trailers, bubbleLength);
    return bytes;
  }

  it('[IO-12] open the way to our client through our server, trailers and all', async () => {
    probe.send(bubbleWithTrailers(parseIpv6(client.address)!), server);
    const answer = await probe.receive('a direct bubble of the client', (datagram) => isBubbleDatagram(datagram));
    expect(answer.from.address).toBe('203.0.113.11');
    const { packetOffset } = layoutOf(answer);
    expect(formatIpv6(readIpv6(answer.bytes, packetOffset + sourceOffset))).toBe(client.address);
    expect(readIpv6(answer.bytes, packetOffset + destinationOffset)).toEqual(probeTeredo);
  });

  it('[IO-12] open the way to our relay, trailers and all', async () => {
    const pinging = ping(web, formatIpv6(probeTeredo), { count: 1, patienceMs: 2000 });
    const fromRelay = await probe.receive('a bubble of the relay', ({ from }) => from.address === relayAddress);
    expect(isBubbleDatagram(fromRelay)).toBe(true);
    const { packetOffset } = layoutOf(fromRelay);
    const source = readIpv6(fromRelay.bytes, packetOffset + sourceOffset);
    probe.send(bubbleWithTrailers(source), { address: relayAddress, port: 3544 });
    const request = await probe.receive('the echo request', (datagram) =>
      isEchoRequest(datagram.bytes, layoutOf(datagram).packetOffset),
    );
    const requestOffset = layoutOf(request).packetOffset;
    expect(formatIpv6(readIpv6(request.bytes, requestOffset + sourceOffset))).toBe(webIpv6Address);
    await pinging;
  });
});

function layoutOf(datagram: ReceivedDatagram): DatagramLayout {
  const layout = new DatagramLayout();
  expect(readDatagram(datagram.bytes, 0, datagram.bytes.length, layout)).toBeUndefined();
  return layout;
}

function isBubbleDatagram(datagram: ReceivedDatagram): boolean {
  return isBubble(datagram.bytes, layoutOf(datagram).packetOffset);
}

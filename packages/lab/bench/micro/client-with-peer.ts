import {
  buildTeredoAddress,
  type Ipv4Endpoint,
  Ipv4Policy,
  type Ipv4Value,
  type Ipv6Value,
  parseIpv4,
  readIpv6,
  serverLinkLocal,
  teredoPort,
  teredoServicePrefix,
} from '@navalis/address';
import { type ClientEngine, createClientEngine } from '@navalis/client-core';
import {
  createDatagramRun,
  createPacketRun,
  type DatagramRun,
  type EngineOutputs,
  type Milliseconds,
  type PacketRun,
} from '@navalis/engine';
import { receiveDatagram, seededRandom } from '@navalis/engine/testing';
import { bubbleLength, sourceOffset, writeBubble, writeNonceAuthentication } from '@navalis/wire';
import { writeOriginIndication, writeRouterAdvertisement } from '@navalis/wire/server';
import { fillRun } from './fill-run.ts';

const policy = new Ipv4Policy({ strictness: 'rfc4380' });
const server = { primary: parseIpv4('203.0.113.120')!, secondary: parseIpv4('203.0.113.121')! };
const mapped: Ipv4Endpoint = { address: parseIpv4('192.0.2.1')!, port: 4096 };
const peerEndpoint: Ipv4Endpoint = { address: parseIpv4('198.51.100.10')!, port: 8192 };
const peer = buildTeredoAddress({ server: server.primary, flags: 0x1234, mapped: peerEndpoint, policy })!;

/** A client's engine that has its address and trusts one peer; its outputs only count. */
export class ClientWithPeer {
  readonly engine: ClientEngine;
  /** Datagrams to peers, and packets to the host. */
  datagrams = 0;
  packets = 0;
  #isQualified = false;
  /** Solicitations that no server has answered yet. */
  readonly #solicitations: { readonly payload: Uint8Array; readonly address: Ipv4Value }[] = [];

  constructor(now: Milliseconds) {
    const outputs: EngineOutputs = {
      sendDatagrams: (run, address) => {
        this.datagrams += run.count;
        if (this.#isQualified) return;
        const payload = run.memory.slice(run.offset, run.offset + run.packetLength);
        this.#solicitations.push({ payload, address });
      },
      deliverPackets: (run) => {
        this.packets += run.count;
      },
      report: () => undefined,
      openPort: () => 'table-full',
      closePort: () => undefined,
    };
    const options = { servers: [server], local: { address: parseIpv4('10.0.0.2')!, port: 49_152 }, policy };
    this.engine = createClientEngine(options, outputs, seededRandom(1));
    this.engine.start(now);
    for (let next = this.#solicitations.shift(); next !== undefined; next = this.#solicitations.shift()) {
      receiveDatagram(this.engine, advertisementFor(next.payload), { address: next.address, port: teredoPort }, now);
    }
    this.#isQualified = true;
    this.engine.handlePackets(this.runTo(1, bubbleLength), now);
    const bubble = new Uint8Array(bubbleLength);
    writeBubble(bubble, 0, peer, this.#address);
    receiveDatagram(this.engine, bubble, peerEndpoint, now);
  }

  get #address(): Ipv6Value {
    return this.engine.status().address!;
  }

  /** Returns `count` packets of the host for the peer, of equal length in octets. */
  runTo(count: number, octets: number): PacketRun {
    const run = createPacketRun(new Uint8Array(count * octets));
    fillRun(run, { count, octets, source: this.#address, destination: peer });
    return run;
  }

  /** Returns `count` consecutive packets of the peer for the host, of equal length in octets. */
  runFrom(count: number, octets: number): DatagramRun {
    const run = createDatagramRun(new Uint8Array(count * octets));
    run.sourceAddress = peerEndpoint.address;
    run.sourcePort = peerEndpoint.port;
    fillRun(run, { count, octets, source: peer, destination: this.#address });
    return run;
  }
}

/** Returns the server's answer to a solicitation with an authentication of 13 octets in front. */
function advertisementFor(solicitation: Uint8Array): Uint8Array {
  const memory = new Uint8Array(200);
  let octets = writeNonceAuthentication(memory, 0, solicitation.slice(4, 12));
  octets += writeOriginIndication(memory, octets, mapped.address, mapped.port);
  const prefix = { word0: teredoServicePrefix, word1: server.primary, word2: 0, word3: 0 };
  const lifetimes = { validLifetime: 0xffff_ffff, preferredLifetime: 0xffff_ffff };
  octets += writeRouterAdvertisement(memory, octets, {
    source: serverLinkLocal(server.primary),
    destination: readIpv6(solicitation, 13 + sourceOffset),
    prefixes: [{ prefix, length: 64, flags: 0x40, ...lifetimes }],
    mtu: 1280,
  });
  return memory.slice(0, octets);
}

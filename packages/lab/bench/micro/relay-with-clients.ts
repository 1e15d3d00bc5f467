import {
  Ipv4Policy,
  type Ipv6Value,
  mappedPortOfWord,
  parseIpv4,
  parseIpv6,
  teredoServicePrefix,
} from '@navalis/address';
import {
  createDatagramRun,
  createPacketRun,
  type DatagramRun,
  type EngineOutputs,
  type Milliseconds,
  type PacketRun,
  pointRunAt,
} from '@navalis/engine';
import { seededRandom } from '@navalis/engine/testing';
import { createRelayEngine, type RelayEngine } from '@navalis/relay-core';
import { bubbleLength, writeBubble } from '@navalis/wire';
import { fillRun } from './fill-run.ts';

const localAddress = parseIpv6('2d00:0:0:1::20')!;
const nativeHost = parseIpv6('2d00:0:0:2::80')!;
const server = parseIpv4('198.18.0.1')!;
const firstAddress = parseIpv4('100.0.0.1')!;
const clientsPerAddress = 16;
const packetOctets = 104;

/** A relay's engine, some of whose clients have proven their endpoints; its outputs only count. */
export class RelayWithClients {
  readonly engine: RelayEngine;
  /** Datagrams to clients, and packets to the native side. */
  datagrams = 0;
  packets = 0;
  readonly #packet: PacketRun = createPacketRun(new Uint8Array(packetOctets));

  constructor(maximumClients: number) {
    const outputs: EngineOutputs = {
      sendDatagrams: (run) => {
        this.datagrams += run.count;
      },
      deliverPackets: (run) => {
        this.packets += run.count;
      },
      report: () => undefined,
      openPort: () => 'table-full',
      closePort: () => undefined,
    };
    const policy = new Ipv4Policy({ strictness: 'rfc4380' });
    const options = {
      localAddress,
      servedRanges: [{ address: nativeHost, length: 16 }],
      ownIpv4Addresses: [],
    } as const;
    this.engine = createRelayEngine(
      { kind: 'relay', ...options, policy, rateLimit: false, maximumClients },
      outputs,
      seededRandom(1),
    );
    this.engine.start(0);
    fillRun(this.#packet, { count: 1, octets: packetOctets, source: nativeHost, destination: clientAddress(0) });
  }

  /** Makes the first `count` clients known and reachable. */
  introduce(count: number, now: Milliseconds): void {
    const bubble = createDatagramRun(new Uint8Array(bubbleLength));
    pointRunAt(bubble, 0, bubbleLength);
    for (let index = 0; index < count; index++) {
      this.sendTo(index, now);
      const client = clientAddress(index);
      writeBubble(bubble.memory, 0, client, localAddress);
      bubble.sourceAddress = ~client.word3 >>> 0;
      bubble.sourcePort = mappedPortOfWord(client.word2);
      this.engine.handleDatagrams(bubble, now);
    }
  }

  /** Returns one packet from the native side to a client, or a super-segment of `count` packets. */
  sendTo(index: number, now: Milliseconds, count = 1): void {
    const { memory } = this.#packet;
    this.#packet.count = count;
    const mapped = (firstAddress + Math.floor(index / clientsPerAddress)) >>> 0;
    const port = 1024 + (index % clientsPerAddress);
    writeWord(memory, 32, ~port & 0xffff);
    writeWord(memory, 36, ~mapped >>> 0);
    this.engine.handlePackets(this.#packet, now);
  }

  /** Returns `count` consecutive packets of a client for the native side. */
  runFrom(index: number, count: number): DatagramRun {
    const client = clientAddress(index);
    const run = createDatagramRun(new Uint8Array(packetOctets * count));
    run.sourceAddress = ~client.word3 >>> 0;
    run.sourcePort = mappedPortOfWord(client.word2);
    fillRun(run, { count, octets: packetOctets, source: client, destination: nativeHost });
    return run;
  }
}

function clientAddress(index: number): Ipv6Value {
  const mapped = (firstAddress + Math.floor(index / clientsPerAddress)) >>> 0;
  const port = 1024 + (index % clientsPerAddress);
  return { word0: teredoServicePrefix, word1: server, word2: ~port & 0xffff, word3: ~mapped >>> 0 };
}

function writeWord(memory: Uint8Array, offset: number, word: number): void {
  memory[offset] = word >>> 24;
  memory[offset + 1] = word >>> 16;
  memory[offset + 2] = word >>> 8;
  memory[offset + 3] = word;
}

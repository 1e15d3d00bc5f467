import type { Ipv4Endpoint, Ipv4Value } from '@navalis/address';
import {
  createDatagramRun,
  type DatagramRun,
  type Milliseconds,
  type PacketRun,
  type PortId,
  pointRunAt,
} from '@navalis/engine';
import type { DatagramSink, UdpSocket, UdpSocketOptions } from '../udp-socket.ts';
import type { DeviceMemory } from './device-memory.ts';
import { FakeSendBatch } from './fake-send-batch.ts';

export interface FakeDatagram {
  readonly payload: Uint8Array;
  /** The remote endpoint. */
  readonly endpoint: Ipv4Endpoint;
}

interface FakeDestination extends Ipv4Endpoint {
  /** 0: none. */
  readonly channel: number;
}

/** A UDP socket without a network: tests put in what arrives and take out what is sent. */
export class FakeUdpSocket implements UdpSocket {
  readonly portId: PortId;
  readonly address: Ipv4Value;
  readonly port: number;
  readonly descriptor: number;
  /** The requested options. */
  readonly multicastInterface: string | undefined;
  readonly hasLargeBuffers: boolean;
  /** While true, the kernel's buffer is full: flushed datagrams are dropped. */
  sendBufferFull = false;
  closed = false;
  readonly #memory: DeviceMemory;
  readonly #batch: FakeSendBatch<FakeDestination>;
  readonly #arrived: FakeDatagram[] = [];
  readonly #sent: FakeDatagram[] = [];
  readonly #run: DatagramRun;

  /** `memory` is the receive memory of all sockets of a thread. */
  constructor(options: UdpSocketOptions, descriptor: number, memory: DeviceMemory) {
    const { portId, address, port, drops } = options;
    this.multicastInterface = options.multicastInterface;
    this.hasLargeBuffers = options.hasLargeBuffers !== false;
    this.#memory = memory;
    this.portId = portId;
    this.address = address;
    this.port = port;
    this.descriptor = descriptor;
    this.#run = createDatagramRun(new Uint8Array(0), portId);
    this.#batch = new FakeSendBatch(drops, 'send-failed', (payload, endpoint) => {
      if (endpoint.port === 0 || payload.length > maximumPayload) return 'send-failed';
      if (this.sendBufferFull) return 'send-buffer-full';
      const { address, port: to, channel } = endpoint;
      this.#sent.push({ payload: channel === 0 ? payload : framed(payload, channel), endpoint: { address, port: to } });
      return undefined;
    });
  }

  /** Makes a datagram wait for `receive`. */
  arrive(payload: Uint8Array, endpoint: Ipv4Endpoint): void {
    this.#arrived.push({ payload: payload.slice(), endpoint });
  }

  /** Returns the datagrams sent since the last call. */
  takeSent(): FakeDatagram[] {
    return this.#sent.splice(0);
  }

  /** Returns true if a datagram waits for `receive`. */
  get readable(): boolean {
    return this.#arrived.length > 0;
  }

  receive(sink: DatagramSink, now: Milliseconds, budget: number): number {
    const datagrams = this.#arrived.splice(0, Math.max(0, Math.min(budget, batchDatagrams)));
    const { memory, offsets } = this.#memory.replace(datagrams.map(({ payload }) => payload));
    const run = this.#run;
    run.memory = memory;
    datagrams.forEach(({ payload, endpoint }, index) => {
      if (this.closed) return;
      run.sourceAddress = endpoint.address;
      run.sourcePort = endpoint.port;
      pointRunAt(run, offsets[index]!, payload.length);
      sink.handleDatagrams(run, now);
    });
    return datagrams.length;
  }

  queue(run: PacketRun, address: Ipv4Value, port: number, channel = 0): void {
    this.#batch.queue(run, { address, port, channel });
  }

  flush(): void {
    this.#batch.flush();
  }

  close(): void {
    if (!this.closed) this.flush();
    this.closed = true;
  }
}

const batchDatagrams = 64;
/** 65535 octets less the IPv4 and UDP headers. */
const maximumPayload = 65_507;

/** Returns a packet as ChannelData. */
function framed(packet: Uint8Array, channel: number): Uint8Array {
  const { length } = packet;
  return Uint8Array.of(channel >>> 8, channel, length >>> 8, length, ...packet);
}

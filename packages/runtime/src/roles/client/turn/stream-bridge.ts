import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Ipv4Endpoint, parseIpv4 } from '@navalis/address';
import { isOwnUdpEndpoint } from '../../../host/own-udp-endpoint.ts';
import { NavalisError } from '../../../navalis-error.ts';
import type { Time } from '../../../scheduling/time.ts';
import { OwnSenders } from './own-senders.ts';
import { noStreamDrops, type StreamDropReason, type StreamDrops } from './stream-drops.ts';
import { framed, StreamFrames } from './stream-frames.ts';

const loopback = '127.0.0.1';

/** Streams at once: the data plane has one, and for a moment a second one. */
const streamLimit = 4;

/** Our choice: octets that wait in a stream before datagrams are dropped; more would only make them late. */
const waitingOctetsLimit = 1_048_576;

/** A TURN server that is reached over a stream. */
export interface StreamServer {
  readonly transport: 'tcp' | 'tls';
  /** In text. */
  readonly address: string;
  readonly port: number;
  /** The name that its certificate must have. */
  readonly name: string;
}

/** Where the datagrams of a stream come from and go to. */
interface DataPlanePort {
  readonly address: string;
  readonly port: number;
}

interface Stream {
  readonly socket: Socket;
  readonly address: string;
}

/**
 * Carries the datagrams of the data plane to a TURN server over TCP or TLS: the data plane blocks in `poll` and has no streams. It
 * sends to a UDP socket on the loopback interface instead of the server. Each of its ports has a stream of its own, so that
 * another port means another connection. It serves this process alone; at most 1 MiB waits in a stream.
 */
export class StreamBridge {
  /** Where the data plane sends. */
  readonly endpoint: Ipv4Endpoint;
  readonly #server: StreamServer;
  readonly #udp: UdpSocket;
  readonly #failed: (reason: string) => void;
  readonly #time: Pick<Time, 'now'>;
  readonly #senders: OwnSenders = new OwnSenders(isOwnUdpEndpoint);
  readonly #drops: Record<StreamDropReason, number> = { ...noStreamDrops };
  /** The least recently used first. */
  readonly #streams: Map<number, Stream> = new Map();

  private constructor(server: StreamServer, udp: UdpSocket, time: Pick<Time, 'now'>, failed: (reason: string) => void) {
    this.#time = time;
    this.#server = server;
    this.#udp = udp;
    this.#failed = failed;
    this.endpoint = { address: parseIpv4(loopback)!, port: udp.address().port };
    udp.on('message', (message, from) => this.#receive(message, from));
    // Nobody listens on a port that the data plane has closed.
    udp.on('error', () => undefined);
  }

  /** `failed` hears why a stream could not be opened, or ended. @throws NavalisError */
  static open(server: StreamServer, time: Pick<Time, 'now'>, failed: (reason: string) => void): Promise<StreamBridge> {
    const udp = createSocket('udp4');
    return new Promise((resolve, reject) => {
      udp.once('error', (error) => {
        reject(new NavalisError('internal', `No UDP socket can be opened on the loopback interface: ${error.message}`));
      });
      udp.bind(0, loopback, () => resolve(new StreamBridge(server, udp, time, failed)));
    });
  }

  /** Returns true if no stream is open. */
  get isIdle(): boolean {
    return this.#streams.size === 0;
  }

  /** Datagrams that did not get into a stream, by reason. */
  get drops(): StreamDrops {
    return this.#drops;
  }

  close(): void {
    for (const { socket } of this.#streams.values()) socket.destroy();
    this.#streams.clear();
    this.#udp.close();
  }

  #receive(message: Buffer, { address, port }: RemoteInfo): void {
    if (!this.#senders.accepts(address, port, this.#time.now())) {
      this.#drops['turn-stream-foreign']++;
      return;
    }
    const stream = this.#streamOf({ address, port });
    this.#streams.delete(port);
    this.#streams.set(port, stream);
    if (stream.socket.writableLength < waitingOctetsLimit) stream.socket.write(framed(message));
    else this.#drops['turn-stream-full']++;
  }

  #streamOf(from: DataPlanePort): Stream {
    const known = this.#streams.get(from.port);
    if (known?.address === from.address) return known;
    known?.socket.destroy();
    return this.#connect(from);
  }

  #connect({ address: dataPlane, port }: DataPlanePort): Stream {
    this.#makeRoom();
    const { transport, address, port: serverPort, name } = this.#server;
    const socket =
      transport === 'tls'
        ? connectTls({ host: address, port: serverPort, servername: parseIpv4(name) === undefined ? name : '' })
        : connectTcp({ host: address, port: serverPort });
    socket.setNoDelay(true);
    const stream = { socket, address: dataPlane };
    const frames = new StreamFrames();
    socket.on('data', (octets) => {
      const messages = frames.add(octets);
      if (messages === undefined) socket.destroy(new Error('the other side is no TURN server'));
      for (const message of messages ?? []) this.#udp.send(message, port, dataPlane);
    });
    socket.on('error', (error) => this.#failed(error.message));
    socket.on('close', () => {
      if (this.#streams.get(port) === stream) this.#streams.delete(port);
    });
    return stream;
  }

  #makeRoom(): void {
    for (const [port, { socket }] of this.#streams) {
      if (this.#streams.size < streamLimit) return;
      this.#streams.delete(port);
      socket.destroy();
    }
  }
}

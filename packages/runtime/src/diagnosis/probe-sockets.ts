import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { formatIpv4, type Ipv4Endpoint, type Ipv4Value, parseIpv4 } from '@navalis/address';
import { NavalisError } from '../navalis-error.ts';

/** Called with the number of the socket. */
export type DatagramHandler = (socket: number, bytes: Uint8Array, from: Ipv4Endpoint) => void;

/** Fresh UDP sockets on ports that the system chooses. Needs no privilege. */
export class ProbeSockets {
  readonly locals: readonly Ipv4Endpoint[];
  /** The reason why the system refused to send; undefined if it sent everything. */
  refusal: string | undefined;
  readonly #sockets: readonly Socket[];

  private constructor(sockets: readonly Socket[], address: Ipv4Value, handle: DatagramHandler) {
    this.#sockets = sockets;
    this.locals = sockets.map((socket) => ({ address, port: socket.address().port }));
    for (const [index, socket] of sockets.entries()) {
      socket.on('message', (bytes, { address: from, port }) =>
        handle(index, bytes, { address: parseIpv4(from)!, port }),
      );
      // ICMP errors of earlier datagrams also surface here, such as a firewall's refusal or a closed port.
      socket.on('error', () => undefined);
    }
  }

  /** @throws NavalisError `address-not-available` when an address does not belong to this host. */
  static async open(count: number, address: Ipv4Value, handle: DatagramHandler): Promise<ProbeSockets> {
    const sockets: Socket[] = [];
    try {
      for (let index = 0; index < count; index++) {
        const socket = createSocket('udp4');
        sockets.push(socket);
        socket.bind(0, formatIpv4(address));
        await once(socket, 'listening');
      }
    } catch (error) {
      for (const socket of sockets) socket.close();
      const sentence = `No UDP socket can be opened on ${formatIpv4(address)}: ${(error as Error).message}.`;
      throw new NavalisError('address-not-available', sentence, error);
    }
    return new ProbeSockets(sockets, address, handle);
  }

  send(socket: number, payload: Uint8Array, { address, port }: Ipv4Endpoint): void {
    this.#sockets[socket]?.send(payload, port, formatIpv4(address), (error) => {
      if (error !== null) this.refusal = error.message;
    });
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }
}

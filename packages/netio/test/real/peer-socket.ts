import type { Ipv4Endpoint, Ipv4Value } from '@navalis/address';
import { bind, close, getsockname, recvfrom, sendto, setsockopt, socket, succeeded } from './test-kernel.ts';

const AF_INET = 2;
const SOCK_DGRAM_NONBLOCK = 2 | 0x800;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;

/** A plain UDP socket, one system call per datagram. */
export class PeerSocket {
  readonly descriptor: number;
  readonly endpoint: Ipv4Endpoint;
  readonly #buffer: Uint8Array = new Uint8Array(65_536);

  constructor(address: Ipv4Value) {
    this.descriptor = succeeded(socket(AF_INET, SOCK_DGRAM_NONBLOCK, 0));
    succeeded(setsockopt(this.descriptor, SOL_SOCKET, SO_RCVBUF, new Uint32Array([1 << 20]), 4));
    succeeded(bind(this.descriptor, socketAddress({ address, port: 0 }), 16));
    const bound = new Uint8Array(16);
    succeeded(getsockname(this.descriptor, bound, new Uint32Array([16])));
    this.endpoint = endpointOf(bound);
  }

  send(payload: Uint8Array, to: Ipv4Endpoint): void {
    succeeded(sendto(this.descriptor, payload, payload.length, 0, socketAddress(to), 16));
  }

  /** Returns the datagrams received since the last call. */
  receive(): { payload: Uint8Array; source: Ipv4Endpoint }[] {
    const datagrams: { payload: Uint8Array; source: Ipv4Endpoint }[] = [];
    for (;;) {
      const source = new Uint8Array(16);
      const octets = recvfrom(this.descriptor, this.#buffer, this.#buffer.length, 0, source, new Uint32Array([16]));
      if (octets < 0) return datagrams;
      datagrams.push({ payload: this.#buffer.slice(0, octets), source: endpointOf(source) });
    }
  }

  close(): void {
    close(this.descriptor);
  }
}

/** A `struct sockaddr_in`. */
function socketAddress({ address, port }: Ipv4Endpoint): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_INET, true);
  view.setUint16(2, port);
  view.setUint32(4, address);
  return bytes;
}

function endpointOf(bytes: Uint8Array): Ipv4Endpoint {
  const view = new DataView(bytes.buffer);
  return { port: view.getUint16(2), address: view.getUint32(4) };
}

import { ip } from './own-network.ts';
import { bind, close, recv, sendto, socket, succeeded } from './test-kernel.ts';

const AF_PACKET = 17;
const SOCK_DGRAM_NONBLOCK = 2 | 0x800;
export const ETH_P_IP = 0x0800;
export const ETH_P_IPV6 = 0x86dd;

/** Sees what arrives at an interface and sends through it, whole IP packets both ways, past the host's own stack. */
export class PacketSocket {
  readonly descriptor: number;
  readonly #address: Uint8Array;

  /** `protocol` is the EtherType. The interface must exist; it must be up for anything to pass. */
  constructor(interfaceName: string, protocol: number) {
    const networkOrder = ((protocol & 0xff) << 8) | (protocol >>> 8);
    this.#address = linkAddress(indexOf(interfaceName), protocol);
    this.descriptor = succeeded(socket(AF_PACKET, SOCK_DGRAM_NONBLOCK, networkOrder));
    succeeded(bind(this.descriptor, this.#address, this.#address.length));
  }

  send(packet: Uint8Array): void {
    succeeded(sendto(this.descriptor, packet, packet.length, 0, this.#address, this.#address.length));
  }

  /** Returns the packets received since the last call. */
  receive(): Uint8Array[] {
    const packets: Uint8Array[] = [];
    const buffer = new Uint8Array(65_536);
    for (;;) {
      const octets = recv(this.descriptor, buffer, buffer.length, 0);
      if (octets < 0) return packets;
      packets.push(buffer.slice(0, octets));
    }
  }

  close(): void {
    close(this.descriptor);
  }
}

/** A `struct sockaddr_ll`. */
function linkAddress(interfaceIndex: number, protocol: number): Uint8Array {
  const address = new Uint8Array(20);
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, protocol);
  view.setInt32(4, interfaceIndex, true);
  return address;
}

function indexOf(interfaceName: string): number {
  const [link] = JSON.parse(ip('-json', 'link', 'show', 'dev', interfaceName)) as { ifindex: number }[];
  return link!.ifindex;
}

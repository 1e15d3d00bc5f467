import { parseIpv4, parseIpv6, writeIpv6, writeUint16, writeUint32 } from '@navalis/address';
import koffi from 'koffi';

// linux/in.h, linux/socket.h, linux/udp.h
const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_DGRAM = 2;
const SOL_UDP = 17;
const UDP_SEGMENT = 103;

/** Segments that every kernel accepts at once, and octets of all of them with headers. */
const maximumSegments = 64;
const maximumOctets = 65_000;

const library = koffi.load(null);
const openSocket = library.func('int socket(int family, int type, int protocol)');
const bind = library.func('int bind(int descriptor, void *address, uint32_t octets)');
const connect = library.func('int connect(int descriptor, void *address, uint32_t octets)');
const setOption = library.func('int setsockopt(int descriptor, int level, int option, int *value, uint32_t octets)');
const send = library.func('long send(int descriptor, void *bytes, size_t octets, int flags)');

/** An endpoint in text, of IPv4 or IPv6. */
export interface FlowEndpoint {
  readonly address: string;
  readonly port: number;
}

/** Sends equal datagrams to one endpoint as fast as the machine can, each system call one or many. */
export class UdpFlow {
  readonly #descriptor: number;
  readonly #datagrams: Uint8Array;

  /** `descriptor`: a socket that is connected here to `to`. `isJoined`: many datagrams go with each system call. */
  constructor(descriptor: number, to: FlowEndpoint, datagram: Uint8Array, isJoined: boolean) {
    this.#descriptor = descriptor;
    succeeded('connect', connect(descriptor, ...socketAddress(to)));
    if (isJoined) succeeded('setsockopt', setOption(descriptor, SOL_UDP, UDP_SEGMENT, [datagram.length], 4));
    const count = isJoined ? Math.min(maximumSegments, Math.floor(maximumOctets / datagram.length)) : 1;
    this.#datagrams = new Uint8Array(count * datagram.length);
    for (let index = 0; index < count; index++) this.#datagrams.set(datagram, index * datagram.length);
  }

  /** Opens a socket at an endpoint, whose port may be 0. */
  static open(from: FlowEndpoint, to: FlowEndpoint, datagram: Uint8Array, isJoined: boolean): UdpFlow {
    const [address, octets] = socketAddress(from);
    const descriptor = openSocket(new Uint16Array(address.buffer)[0], SOCK_DGRAM, 0) as number;
    succeeded('bind', bind(descriptor, address, octets));
    return new UdpFlow(descriptor, to, datagram, isJoined);
  }

  send(): void {
    send(this.#descriptor, this.#datagrams, this.#datagrams.length, 0);
  }
}

/** Sends on flows in turn for so many seconds; returns how many it took. */
export function sendFor(seconds: number, flows: readonly UdpFlow[]): number {
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1000;
  while (performance.now() < endsAt) for (const flow of flows) flow.send();
  return (performance.now() - startedAt) / 1000;
}

/** Returns a `struct sockaddr_in` or `struct sockaddr_in6`, and its octets. */
function socketAddress({ address: text, port }: FlowEndpoint): [Uint8Array, number] {
  const ipv4 = parseIpv4(text);
  const octets = ipv4 === undefined ? 28 : 16;
  const bytes = new Uint8Array(octets);
  new Uint16Array(bytes.buffer)[0] = ipv4 === undefined ? AF_INET6 : AF_INET;
  writeUint16(bytes, 2, port);
  const ipv6 = parseIpv6(text);
  if (ipv4 !== undefined) writeUint32(bytes, 4, ipv4);
  else if (ipv6 !== undefined) writeIpv6(bytes, 8, ipv6);
  else throw new Error(`${text} is no address.`);
  return [bytes, octets];
}

function succeeded(call: string, result: number): void {
  if (result !== 0) throw new Error(`${call} failed, error ${koffi.errno()}.`);
}

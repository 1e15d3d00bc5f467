import {
  buildTeredoLinkLocal,
  type Ipv4Endpoint,
  type Ipv6Value,
  serverLinkLocal,
  teredoServicePrefix,
} from '@navalis/address';
import {
  bubbleLength,
  nonceLength,
  trailerTypes,
  writeBubble,
  writeEchoRequest,
  writeHopLimit,
  writeNonceAuthentication,
  writeRouterSolicitation,
  writeTrailer,
} from '@navalis/wire';
import { writeOriginIndication, writeRouterAdvertisement } from '@navalis/wire/server';

export interface HostileOptions {
  /** Where the datagrams come from, as the victim sees it: sources that embed it pass the first checks. */
  readonly sender: Ipv4Endpoint;
  /** Server of all Teredo addresses in the datagrams. */
  readonly server: number;
  /** A client that exists. */
  readonly client: Ipv6Value;
  /** A host on the IPv6 Internet. */
  readonly native: Ipv6Value;
}

/** Valid and nearly valid datagrams of every kind in Teredo: the templates for truncation and mutation. */
export function hostileTemplates({ sender, server, client, native }: HostileOptions): Uint8Array[] {
  const self: Ipv6Value = {
    ...buildTeredoLinkLocal(0x1234, sender),
    word0: teredoServicePrefix,
    word1: server,
  };
  const linkLocal = buildTeredoLinkLocal(0, sender);
  const echo = { identifier: 1, sequence: 1, hopLimit: 64, data: new Uint8Array(16).fill(7) };
  const advertisement = {
    source: serverLinkLocal(server),
    destination: linkLocal,
    prefixes: [
      {
        prefix: { ...self, word2: 0, word3: 0 },
        length: 64,
        flags: 0x40,
        validLifetime: 0xffffffff,
        preferredLifetime: 0xffffffff,
      },
    ],
    mtu: 1280,
  };
  return [
    build([authentication, (bytes, at) => writeRouterSolicitation(bytes, at, linkLocal)]),
    build([(bytes, at) => writeRouterSolicitation(bytes, at, linkLocal)]),
    build([authentication, origin(sender), (bytes, at) => writeRouterAdvertisement(bytes, at, advertisement)]),
    build([(bytes, at) => writeBubble(bytes, at, self, client)]),
    build([origin(sender), (bytes, at) => writeBubble(bytes, at, self, client)]),
    build([origin(sender), (bytes, at) => writeBubble(bytes, at, native, client)]),
    build([(bytes, at) => writeBubble(bytes, at, self, client), nonceTrailer, alternateAddressTrailer]),
    bubbleWithoutHops(linkLocal, client),
    build([(bytes, at) => writeBubble(bytes, at, self, native)]),
    build([(bytes, at) => writeEchoRequest(bytes, at, { ...echo, source: self, destination: native })]),
    build([(bytes, at) => writeEchoRequest(bytes, at, { ...echo, source: self, destination: client })]),
    build([(bytes, at) => writeEchoRequest(bytes, at, { ...echo, source: native, destination: client })]),
    build([(bytes, at) => writeEchoRequest(bytes, at, { ...echo, source: client, destination: native })]),
  ];
}

/** Writes one element at an offset and returns its length. */
type Element = (bytes: Uint8Array, at: number) => number;

function build(elements: readonly Element[]): Uint8Array {
  const bytes = new Uint8Array(512);
  let length = 0;
  for (const element of elements) length += element(bytes, length);
  return bytes.slice(0, length);
}

const authentication: Element = (bytes, at) => writeNonceAuthentication(bytes, at, new Uint8Array(nonceLength).fill(9));

const nonceTrailer: Element = (bytes, at) => writeTrailer(bytes, at, trailerTypes.nonce, new Uint8Array(4).fill(5));

const alternateAddressTrailer: Element = (bytes, at) =>
  writeTrailer(bytes, at, trailerTypes.alternateAddress, Uint8Array.of(0, 0, 192, 168, 1, 10, 0xc0, 0));

function bubbleWithoutHops(source: Ipv6Value, destination: Ipv6Value): Uint8Array {
  const bytes = new Uint8Array(bubbleLength);
  writeBubble(bytes, 0, source, destination);
  writeHopLimit(bytes, 0, 0);
  return bytes;
}

function origin(endpoint: Ipv4Endpoint): Element {
  return (bytes, at) => writeOriginIndication(bytes, at, endpoint.address, endpoint.port);
}

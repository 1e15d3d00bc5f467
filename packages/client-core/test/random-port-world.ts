import type { Ipv4Endpoint } from '@navalis/address';
import type { PortId } from '@navalis/engine';
import { type Extensions, noExtensions } from '@navalis/traversal';
import { trailerTypes, writeNonceTrailer, writeRandomPortTrailer } from '@navalis/wire';
import { bubble, dataPacket, endpoint, joined, withOrigin } from './packets.ts';
import { isTo, type Peer, peer, type Sent, server, serverEndpoint, World } from './world.ts';

export const extensions: Extensions = {
  ...noExtensions,
  symmetricNatSupport: true,
  portPreserving: true,
  sequentialPorts: true,
};
/** Where the peer's NAT shows its random port. */
export const elsewhere: Ipv4Endpoint = endpoint('198.51.100.10:50000');

/** The NATs by the ports that the two addresses of the server see; the service port is 49152. */
const ports = { restricted: [4096, 4096], preserving: [49_152, 2000], sequential: [4096, 4098] } as const;

export type Kind = keyof typeof ports;

/** The trailers of a bubble. */
interface Trailers {
  readonly nonce?: number;
  readonly port?: number;
}

/** A client behind a NAT of this kind, and what its peer sends it. */
export class RandomPortWorld extends World {
  constructor(kind: Kind, options: { readonly extensions?: Extensions } = {}) {
    super({ extensions, ...options });
    const [lower, upper] = ports[kind];
    this.seenPorts(lower, upper);
    this.start();
  }

  /** Sets the ports that the two addresses of the server see. */
  seenPorts(lower: number, upper: number): void {
    const { address } = endpoint('192.0.2.1:1');
    this.mappingTowards = (to) => ({ address, port: to === server.primary ? lower : upper });
  }

  /** The host sends the peer a packet; returns what leaves. */
  contact(to: Peer = peer): Sent[] {
    this.host(dataPacket(this.address, to.address));
    return this.sent();
  }

  indirect(trailers: Trailers, from: Peer = peer): Sent[] {
    this.receive(withOrigin(bubbleOf(this, trailers, from), from.endpoint), { ...serverEndpoint, portId: 0 });
    return this.sent();
  }

  direct(from: Ipv4Endpoint, portId: PortId, trailers: Trailers = {}, source: Peer = peer): Sent[] {
    this.receive(bubbleOf(this, trailers, source), { ...from, portId });
    return this.sent();
  }

  data(from: Ipv4Endpoint, portId: PortId, mark = 7): number {
    this.receive(dataPacket(peer.address, this.address, mark), { ...from, portId });
    this.sent();
    return this.delivered().length;
  }

  /** The random port that was opened last. */
  get randomPort(): { readonly id: PortId; readonly port: number } {
    return this.outputs.openedPorts.at(-1)!;
  }

  get openPorts(): number {
    return this.outputs.openedPorts.length - this.outputs.closedPorts.length;
  }

  /** Returns the destination of data for the peer, and the port that it leaves from. */
  dataPath(): readonly [Ipv4Endpoint, PortId] | undefined {
    const sent = this.contact().filter(({ payload }) => payload[6] === 17);
    return sent.length === 1 ? [{ address: sent[0]!.address, port: sent[0]!.port }, sent[0]!.portId] : undefined;
  }

  /** Trusts the peer at the random port; returns that port. */
  meetAtRandomPort(): PortId {
    const nonce = nonceIn(this.contact());
    const { id } = this.randomPort;
    this.indirect({ nonce: 9, port: elsewhere.port });
    this.direct(elsewhere, id, { nonce });
    return id;
  }
}

function bubbleOf(world: World, { nonce = 0, port = 0 }: Trailers, from: Peer): Uint8Array {
  const trailers = new Uint8Array((nonce === 0 ? 0 : 6) + (port < 0 || port > 0 ? 4 : 0));
  const at = nonce === 0 ? 0 : writeNonceTrailer(trailers, 0, nonce);
  if (port !== 0) writeRandomPortTrailer(trailers, at, Math.max(0, port));
  return joined(bubble(from.address, world.address), trailers);
}

/** Returns the value of a trailer of the datagram; 0 without one. */
export function trailerIn({ payload }: Sent, type: number): number {
  for (let at = 40; at < payload.length; at += 2 + payload[at + 1]!) {
    if (payload[at] === type)
      return payload.subarray(at + 2, at + 2 + payload[at + 1]!).reduce((v, o) => v * 256 + o, 0);
  }
  return 0;
}

/** Returns the nonce of the indirect bubble among these. */
export function nonceIn(sent: readonly Sent[], to: Peer = peer): number {
  return trailerIn(sent.find((each) => isTo(each, to.server))!, trailerTypes.nonce);
}

/** Returns the random port that the indirect bubble among these tells; undefined without a bubble. */
export function portIn(sent: readonly Sent[], to: Peer = peer): number | undefined {
  const bubble = sent.find((each) => isTo(each, to.server));
  return bubble && trailerIn(bubble, trailerTypes.randomPort);
}

import { type Ipv4Endpoint, type Ipv4Value, readUint16, writeUint16 } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { stunAttributes, stunClasses, stunMethods } from '../stun/constants.ts';
import { isAuthentic, longTermKey, type TurnCredentials, userHash } from '../stun/long-term-credentials.ts';
import { readStunMessage } from '../stun/read-message.ts';
import { StunLayout } from '../stun/stun-layout.ts';
import { StunWriter } from '../stun/stun-writer.ts';
import { FakeAllocation } from './fake-allocation.ts';

/** Where the datagrams of the fake server go. */
export interface FakeTurnOutputs {
  toClient(payload: Uint8Array, client: Ipv4Endpoint): void;
  toPeer(payload: Uint8Array, relayed: Ipv4Endpoint, peer: Ipv4Endpoint): void;
  /** Called when a relayed endpoint is allocated. */
  opened?(relayed: Ipv4Endpoint): void;
}

/** The behaviour of the fake server; may be changed at any time. */
export interface FakeTurnBehaviour {
  credentials: TurnCredentials;
  realm: string;
  /** The address of relayed endpoints. */
  relayAddress: Ipv4Value;
  /** Seconds. */
  lifetime: number;
  /** Nonces older than that are stale. */
  nonceLifetimeMs: Milliseconds;
  /** Allocations at most. */
  quota: number;
  isSilent: boolean;
  /** Offers SHA-256 for passwords and wants MESSAGE-INTEGRITY-SHA256 (RFC 8489 section 9.2). */
  offersSha256: boolean;
  /** Wants the hash of the name instead of the name. */
  hidesNames: boolean;
  /** The error that a request of this method gets instead of its answer. */
  errorFor: (method: number) => number | undefined;
  alternate: Ipv4Endpoint | undefined;
  /** Addresses that no permission is given for. */
  forbidden: readonly Ipv4Value[];
}

const defaults: FakeTurnBehaviour = {
  credentials: { username: 'alice', password: 'secret' },
  realm: 'example.org',
  relayAddress: 0xcb00_710a,
  lifetime: 600,
  nonceLifetimeMs: 3_600_000,
  quota: 100,
  isSilent: false,
  offersSha256: false,
  hidesNames: false,
  errorFor: () => undefined,
  alternate: undefined,
  forbidden: [],
};

/** Pairs of number and parameters: MD5 and SHA-256 without any. */
const bothAlgorithms: Uint8Array = Uint8Array.of(0, 1, 0, 0, 0, 2, 0, 0);
const firstPort = 49_152;
const channelHeaderOctets = 4;

/** A TURN server for tests, over UDP, under the test's clock. */
export class FakeTurnServer {
  readonly behaviour: FakeTurnBehaviour;
  /** Requests that were answered, by method; and those that got a challenge. */
  readonly requests: number[] = [];
  /** Datagrams that had no permission. */
  refused = 0;
  readonly #outputs: FakeTurnOutputs;
  readonly #allocations: Map<string, FakeAllocation> = new Map();
  readonly #layout: StunLayout = new StunLayout();
  readonly #writer: StunWriter = new StunWriter(4096);
  #nextPort = firstPort;
  #incarnation = 1;
  #nonces = 0;

  constructor(outputs: FakeTurnOutputs, behaviour: Partial<FakeTurnBehaviour> = {}) {
    this.#outputs = outputs;
    this.behaviour = { ...defaults, ...behaviour };
  }

  get allocations(): readonly FakeAllocation[] {
    return [...this.#allocations.values()];
  }

  /** Forgets all, as a server that was killed and started again. */
  restart(): void {
    this.#allocations.clear();
    this.#incarnation++;
  }

  /** Handles what a client sent. */
  receive(payload: Uint8Array, client: Ipv4Endpoint, now: Milliseconds): void {
    if (this.behaviour.isSilent) return;
    this.#expire(now);
    if (payload.length >= channelHeaderOctets && payload[0]! >>> 6 === 1) this.#relayChannelData(payload, client, now);
    else if (readStunMessage(payload, 0, payload.length, this.#layout) === undefined)
      this.#handle(payload, client, now);
  }

  /** Handles what a peer sent to a relayed endpoint; false when there is none. */
  receiveFromPeer(payload: Uint8Array, relayed: Ipv4Endpoint, peer: Ipv4Endpoint, now: Milliseconds): boolean {
    const allocation = this.allocations.find((each) => each.relayed.port === relayed.port);
    if (allocation === undefined) return false;
    if (!allocation.permits(peer.address, now)) {
      this.refused++;
      return true;
    }
    const channel = allocation.channelOf(peer, now);
    if (channel === undefined) this.#indicate(payload, peer, allocation.client);
    else this.#outputs.toClient(channelData(channel, payload), allocation.client);
    return true;
  }

  #handle(payload: Uint8Array, client: Ipv4Endpoint, now: Milliseconds): void {
    const { method, messageClass } = this.#layout;
    if (messageClass === stunClasses.indication && method === stunMethods.send)
      this.#relayIndication(payload, client, now);
    if (messageClass !== stunClasses.request) return;
    this.requests.push(method);
    const challenge = this.#challenge(payload, now);
    if (challenge !== undefined) {
      this.#refuse(payload, client, challenge, now);
      return;
    }
    const error = this.behaviour.errorFor(method) ?? this.#answer(payload, client, now);
    if (error !== undefined) this.#refuse(payload, client, error, now);
  }

  /** Returns the code of a challenge; undefined when the request is authenticated. */
  #challenge(payload: Uint8Array, now: Milliseconds): number | undefined {
    const layout = this.#layout;
    const { credentials, offersSha256, hidesNames, nonceLifetimeMs } = this.behaviour;
    if (!layout.integrity.isPresent && !layout.integritySha256.isPresent) return 401;
    const [, incarnation, at] = text(layout.nonce.copyFrom(payload)).split('-');
    if (Number(incarnation) !== this.#incarnation || now - Number(at) > nonceLifetimeMs) return 438;
    const realm = utf8ToBytes(this.behaviour.realm);
    const name = hidesNames ? userHash(credentials.username, realm) : utf8ToBytes(credentials.username);
    const given = (hidesNames ? layout.userHash : layout.username).copyFrom(payload);
    if (text(name) !== text(given)) return 401;
    const key = longTermKey(credentials, realm, offersSha256 ? 'sha-256' : 'md5');
    return isAuthentic(payload, layout, key, offersSha256 ? 'sha-256' : 'sha-1') ? undefined : 401;
  }

  /** Does what an authenticated request asks for; returns the code of an error, or undefined when it answered. */
  #answer(payload: Uint8Array, client: Ipv4Endpoint, now: Milliseconds): number | undefined {
    const layout = this.#layout;
    const allocation = this.#allocations.get(keyOf(client));
    if (layout.method === stunMethods.allocate) return this.#allocate(payload, client, now);
    if (allocation === undefined) return 437;
    switch (layout.method) {
      case stunMethods.refresh:
        return this.#refresh(payload, allocation, now);
      case stunMethods.createPermission: {
        const peers = peersOf(payload);
        if (peers.length === 0) return 400;
        if (peers.some(({ address }) => this.behaviour.forbidden.includes(address))) return 403;
        for (const { address } of peers) allocation.permit(address, now);
        break;
      }
      case stunMethods.channelBind: {
        const { address, port } = layout.peer;
        if (this.behaviour.forbidden.includes(address)) return 403;
        if (!allocation.bind(layout.channelNumber, { address, port }, now)) return 400;
        break;
      }
      default:
        return 400;
    }
    this.#succeed(payload, client, () => {});
    return undefined;
  }

  #allocate(payload: Uint8Array, client: Ipv4Endpoint, now: Milliseconds): number | undefined {
    const { alternate, quota, relayAddress, lifetime } = this.behaviour;
    if (alternate !== undefined) return 300;
    if (this.#allocations.has(keyOf(client))) return 437;
    if (this.#allocations.size >= quota) return 486;
    const relayed = { address: relayAddress, port: this.#nextPort++ };
    this.#allocations.set(keyOf(client), new FakeAllocation(client, relayed, now + 1000 * lifetime));
    this.#outputs.opened?.(relayed);
    this.#succeed(payload, client, (writer) => {
      writer.xorEndpoint(stunAttributes.xorRelayedAddress, relayed.address, relayed.port);
      writer.xorEndpoint(stunAttributes.xorMappedAddress, client.address, client.port);
      writer.word(stunAttributes.lifetime, lifetime);
    });
    return undefined;
  }

  #refresh(payload: Uint8Array, allocation: FakeAllocation, now: Milliseconds): undefined {
    const lifetime = this.#layout.lifetime === 0 ? 0 : this.behaviour.lifetime;
    allocation.expiresAt = now + 1000 * lifetime;
    if (lifetime === 0) this.#allocations.delete(keyOf(allocation.client));
    this.#succeed(payload, allocation.client, (writer) => void writer.word(stunAttributes.lifetime, lifetime));
    return undefined;
  }

  #succeed(payload: Uint8Array, client: Ipv4Endpoint, content: (writer: StunWriter) => void): void {
    const writer = this.#writer.begin(this.#layout.method, stunClasses.success, payload.subarray(8, 20));
    content(writer);
    this.#sign();
    this.#outputs.toClient(writer.bytes.slice(0, writer.length), client);
  }

  #refuse(payload: Uint8Array, client: Ipv4Endpoint, code: number, now: Milliseconds): void {
    const { realm, offersSha256, hidesNames, alternate } = this.behaviour;
    const writer = this.#writer.begin(this.#layout.method, stunClasses.error, payload.subarray(8, 20));
    writer.error(code, 'refused');
    if (code === 401 || code === 438) {
      const features = (offersSha256 ? 1 : 0) | (hidesNames ? 2 : 0);
      const prefix = features === 0 ? 'plain' : `obMatJos2AAA${'ABCD'.charAt(features)}`;
      writer.value(stunAttributes.realm, utf8ToBytes(realm));
      writer.value(stunAttributes.nonce, utf8ToBytes(`${prefix}-${this.#incarnation}-${now}-${this.#nonces++}`));
      if (offersSha256) writer.value(stunAttributes.passwordAlgorithms, bothAlgorithms);
    } else {
      if (code === 300 && alternate !== undefined) {
        writer.endpoint(stunAttributes.alternateServer, alternate.address, alternate.port);
      }
      this.#sign();
    }
    this.#outputs.toClient(writer.bytes.slice(0, writer.length), client);
  }

  #sign(): void {
    const { credentials, realm, offersSha256 } = this.behaviour;
    const key = longTermKey(credentials, utf8ToBytes(realm), offersSha256 ? 'sha-256' : 'md5');
    this.#writer.integrity(key, offersSha256 ? 'sha-256' : 'sha-1');
  }

  #relayIndication(payload: Uint8Array, client: Ipv4Endpoint, now: Milliseconds): void {
    const { peer, data } = this.#layout;
    const to = { address: peer.address, port: peer.port };
    this.#relay(data.copyFrom(payload), client, to, now);
  }

  #relayChannelData(payload: Uint8Array, client: Ipv4Endpoint, now: Milliseconds): void {
    const peer = this.#allocations.get(keyOf(client))?.peerOf(readUint16(payload, 0), now);
    const length = readUint16(payload, 2);
    if (peer !== undefined) this.#relay(payload.slice(4, 4 + length), client, peer, now);
  }

  #relay(data: Uint8Array, client: Ipv4Endpoint, peer: Ipv4Endpoint, now: Milliseconds): void {
    const allocation = this.#allocations.get(keyOf(client));
    if (allocation === undefined) return;
    if (allocation.permits(peer.address, now)) this.#outputs.toPeer(data, allocation.relayed, peer);
    else this.refused++;
  }

  #indicate(payload: Uint8Array, peer: Ipv4Endpoint, client: Ipv4Endpoint): void {
    const writer = this.#writer.begin(stunMethods.data, stunClasses.indication, new Uint8Array(12));
    writer.xorEndpoint(stunAttributes.xorPeerAddress, peer.address, peer.port).value(stunAttributes.data, payload);
    this.#outputs.toClient(writer.bytes.slice(0, writer.length), client);
  }

  #expire(now: Milliseconds): void {
    for (const [key, { expiresAt }] of this.#allocations) if (expiresAt <= now) this.#allocations.delete(key);
  }
}

function keyOf({ address, port }: Ipv4Endpoint): string {
  return `${address}:${port}`;
}

function text(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** Returns all XOR-PEER-ADDRESS of a message: a permission request may have several. */
function peersOf(payload: Uint8Array): Ipv4Endpoint[] {
  const layout = new StunLayout();
  const peers: Ipv4Endpoint[] = [];
  for (let at = 20; at + 4 <= payload.length; at += 4 + ((readUint16(payload, at + 2) + 3) & ~3)) {
    if (readUint16(payload, at) !== stunAttributes.xorPeerAddress) continue;
    const single = new Uint8Array(32);
    single.set(payload.subarray(0, 20));
    single.set(payload.subarray(at, at + 12), 20);
    writeUint16(single, 2, 12);
    if (readStunMessage(single, 0, 32, layout) === undefined) {
      peers.push({ address: layout.peer.address, port: layout.peer.port });
    }
  }
  return peers;
}

function channelData(channel: number, data: Uint8Array): Uint8Array {
  const message = new Uint8Array(4 + data.length);
  writeUint16(message, 0, channel);
  writeUint16(message, 2, data.length);
  message.set(data, 4);
  return message;
}

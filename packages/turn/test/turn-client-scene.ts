import { type Ipv4Endpoint, Ipv4Policy, type Ipv4Value, readUint16 } from '@navalis/address';
import type { DropReason, EngineEvent } from '@navalis/engine';
import { seededRandom } from '@navalis/engine/testing';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import {
  longTermKey,
  readStunMessage,
  StunLayout,
  StunWriter,
  stunAttributes,
  stunClasses,
  stunMethods,
  TurnClient,
  type TurnServer,
} from '../src/index.ts';
import { ipv4, turnServer } from './world.ts';

const credentials = { username: 'alice', password: 'secret' };
const realm = utf8ToBytes('example.org');
const key = longTermKey(credentials, realm, 'md5');
export const roleServers: readonly Ipv4Value[] = [ipv4('198.51.100.10'), ipv4('198.51.100.11')];
export const relayed: Ipv4Endpoint = { address: ipv4('203.0.113.10'), port: 49_152 };

const policy = new Ipv4Policy({
  strictness: 'strict',
  extraGlobal: ['203.0.113.0', '198.51.100.0'].map((text) => ({ address: ipv4(text), length: 24 })),
});

/** The contents of a response of the server. */
interface Answer {
  /** The request that is answered, as the log has it; the last one if absent. */
  readonly to?: string;
  readonly method?: number;
  readonly messageClass?: number;
  readonly error?: number;
  readonly nonce?: string;
  readonly lifetime?: number;
  readonly relayed?: Ipv4Endpoint | undefined;
  readonly alternate?: Ipv4Endpoint;
  /** The type of an attribute that the client does not know. */
  readonly unknown?: number;
  readonly isAuthentic?: boolean;
}

interface Entry {
  readonly at: number;
  readonly text: string;
}

interface Request {
  readonly text: string;
  readonly method: number;
  readonly isSigned: boolean;
  readonly id: Uint8Array;
}

/** A TURN client, and a log of all that it does; the test is the server, and the clock. */
export class ClientScene {
  now = 10_000;
  hasPort = true;
  readonly client: TurnClient;
  readonly events: EngineEvent[] = [];
  readonly #log: Entry[] = [];
  readonly #requests: Request[] = [];
  readonly #layout: StunLayout = new StunLayout();

  constructor(servers: readonly TurnServer[] = [turnServer]) {
    this.client = new TurnClient(
      { servers, credentials, permitted: roleServers, policy, random: seededRandom(5) },
      {
        transmit: (message, remote) => this.#transmit(message, remote),
        renewPort: () => {
          this.#record(this.hasPort ? 'new port' : 'no port');
          return this.hasPort;
        },
        allocated: (endpoint, now) => this.#record(`allocated ${named(endpoint)} at ${now}`),
        lost: () => this.#record('lost'),
        permissionKnown: (address, isGranted) =>
          this.#record(`${isGranted ? 'granted' : 'refused'} ${dotted(address)}`),
        report: (event) => {
          this.events.push(event);
          this.#record('reason' in event ? `${event.kind} ${event.reason}` : event.kind);
        },
      },
    );
  }

  /** Returns a scene whose client has its allocation, with an empty log and no events. */
  static ready(servers?: readonly TurnServer[]): ClientScene {
    const scene = new ClientScene(servers);
    scene.start();
    scene.becomeReady();
    scene.take();
    scene.events.length = 0;
    return scene;
  }

  start(): void {
    this.client.start(this.now);
  }

  /** The server gives what an allocation that was asked for needs. */
  becomeReady(lifetime = 600): void {
    this.challenge(401, 'one');
    this.succeed({ relayed, lifetime });
    this.succeed();
  }

  /** Milliseconds from the begin of the scene to the next deadline. */
  get nextAt(): number {
    return this.client.nextDeadline() - 10_000;
  }

  /** Goes to this many milliseconds after the begin of the scene, without the client. */
  jump(ms: number): void {
    this.now = 10_000 + ms;
  }

  /** Goes to this many milliseconds after the begin of the scene, deadline by deadline. */
  passTo(ms: number): void {
    const end = 10_000 + ms;
    for (let round = 0; round < 1_000; round++) {
      const next = this.client.nextDeadline();
      if (next > end) {
        this.now = end;
        return;
      }
      this.now = Math.max(this.now, next);
      this.client.handleDeadline(this.now);
    }
    throw new Error('The deadlines do not end.');
  }

  /** Calls the client at this many milliseconds after the begin of the scene, whether something is due or not. */
  wakeAt(ms: number): void {
    this.jump(ms);
    this.client.handleDeadline(this.now);
  }

  /** The log since the last call. */
  take(): string[] {
    return this.#log.splice(0).map(({ text }) => text);
  }

  /** The log since the last call, each entry with milliseconds from the begin of the scene. */
  takeTimed(): string[] {
    return this.#log.splice(0).map(({ at, text }) => `${at - 10_000} ${text}`);
  }

  challenge(error: number, nonce: string, to?: string): DropReason | undefined {
    return this.respond({ error, nonce, isAuthentic: false, ...(to === undefined ? {} : { to }) });
  }

  succeed(answer: Answer = {}): DropReason | undefined {
    return this.respond(answer);
  }

  refuse(error: number, to?: string): DropReason | undefined {
    return this.respond({ error, ...(to === undefined ? {} : { to }) });
  }

  /** A response arrives, 4 octets behind the start of what was received; returns what the client says to it. */
  respond(answer: Answer): DropReason | undefined {
    const request = this.#requests.findLast(({ text }) => answer.to === undefined || text === answer.to);
    if (request === undefined) throw new Error(`There is no request ${answer.to}.`);
    const messageClass = answer.error === undefined ? stunClasses.success : stunClasses.error;
    const writer = new StunWriter(400);
    writer.begin(answer.method ?? request.method, answer.messageClass ?? messageClass, request.id);
    if (answer.error !== undefined) writer.error(answer.error, '');
    if (answer.nonce !== undefined) {
      writer.value(stunAttributes.realm, realm).value(stunAttributes.nonce, utf8ToBytes(answer.nonce));
    }
    const { relayed: endpoint, alternate } = answer;
    if (endpoint !== undefined) writer.xorEndpoint(stunAttributes.xorRelayedAddress, endpoint.address, endpoint.port);
    if (alternate !== undefined) writer.endpoint(stunAttributes.alternateServer, alternate.address, alternate.port);
    if (answer.lifetime !== undefined) writer.word(stunAttributes.lifetime, answer.lifetime);
    if (answer.unknown !== undefined) writer.word(answer.unknown, 0);
    if (answer.isAuthentic ?? request.isSigned) writer.integrity(key, 'sha-1');
    const bytes = Uint8Array.of(9, 9, 9, 9, ...writer.bytes.subarray(0, writer.length));
    const refusal = readStunMessage(bytes, 4, writer.length, this.#layout);
    if (refusal !== undefined) throw new Error(refusal);
    return this.client.handleResponse(bytes, this.#layout, this.now);
  }

  #record(text: string): void {
    this.#log.push({ at: this.now, text });
  }

  #transmit(message: Uint8Array, remote: Ipv4Endpoint): void {
    if (readStunMessage(message, 0, message.length, this.#layout) !== undefined) throw new Error('No message.');
    const { method, integrity } = this.#layout;
    const isSigned = integrity.isPresent;
    const text = `${contentOf(message, this.#layout)}${isSigned ? '' : ' unsigned'}`;
    this.#requests.push({ text, method, isSigned, id: message.slice(8, 20) });
    const { address, port } = turnServer.endpoint;
    const isElsewhere = remote.address !== address || remote.port !== port;
    this.#record(isElsewhere ? `${text} to ${named(remote)}` : text);
  }
}

function contentOf(message: Uint8Array, { method, lifetime, channelNumber, peer }: StunLayout): string {
  switch (method) {
    case stunMethods.allocate:
      return 'allocate';
    case stunMethods.refresh:
      return `refresh ${lifetime}`;
    case stunMethods.channelBind:
      return `bind ${channelNumber.toString(16)} ${named(peer)}`;
    default:
      return `permit ${peersOf(message).map(dotted).join(' ')}`;
  }
}

/** Returns the addresses of all XOR-PEER-ADDRESS; each is written with the cookie. */
function peersOf(message: Uint8Array): Ipv4Value[] {
  const peers: Ipv4Value[] = [];
  for (let at = 20; at < message.length; at += 4 + ((readUint16(message, at + 2) + 3) & ~3)) {
    if (readUint16(message, at) !== stunAttributes.xorPeerAddress) continue;
    const [high, low] = [readUint16(message, at + 8) ^ 0x2112, readUint16(message, at + 10) ^ 0xa442];
    peers.push(high * 65_536 + low);
  }
  return peers;
}

function dotted(address: Ipv4Value): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');
}

function named({ address, port }: Ipv4Endpoint): string {
  return `${dotted(address)}:${port}`;
}

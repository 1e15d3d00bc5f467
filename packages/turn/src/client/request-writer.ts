import { stunAttributes, stunClasses, stunMethods } from '../stun/constants.ts';
import { StunWriter } from '../stun/stun-writer.ts';
import type { Channels } from './channels.ts';
import { longestMessage, requestedLifetime } from './choices.ts';
import type { TurnRequest } from './transactions.ts';
import type { TurnSession } from './turn-session.ts';

/** UDP, as a protocol number in REQUESTED-TRANSPORT (RFC 8656 section 18.7). */
const udpProtocol = 17;

/** Returns the method of a request's message. */
export function methodOf({ kind }: TurnRequest): number {
  switch (kind) {
    case 'allocate':
      return stunMethods.allocate;
    case 'refresh':
      return stunMethods.refresh;
    case 'bind':
      return stunMethods.channelBind;
    default:
      return stunMethods.createPermission;
  }
}

/** Writes the messages of requests, signed as the server wants it. */
export class RequestWriter {
  readonly #session: TurnSession;
  readonly #channels: Channels;
  readonly #writer: StunWriter = new StunWriter(longestMessage);

  constructor(session: TurnSession, channels: Channels) {
    this.#session = session;
    this.#channels = channels;
  }

  /** Returns a message of its own. */
  write(request: TurnRequest, transactionId: Uint8Array): Uint8Array {
    const writer = this.#writer.begin(methodOf(request), stunClasses.request, transactionId);
    this.#writeContent(request);
    this.#session.sign(writer);
    return writer.bytes.slice(0, writer.length);
  }

  #writeContent(request: TurnRequest): void {
    const writer = this.#writer;
    switch (request.kind) {
      case 'allocate':
        writer.word(stunAttributes.requestedTransport, udpProtocol << 24);
        writer.word(stunAttributes.lifetime, requestedLifetime);
        break;
      case 'refresh':
        writer.word(stunAttributes.lifetime, request.lifetime);
        break;
      case 'permit-first':
        for (const address of request.addresses) writer.xorEndpoint(stunAttributes.xorPeerAddress, address, 0);
        break;
      case 'permit':
        writer.xorEndpoint(stunAttributes.xorPeerAddress, request.address, 0);
        break;
      case 'bind':
        writer.word(stunAttributes.channelNumber, request.channel << 16);
        writer.xorEndpoint(
          stunAttributes.xorPeerAddress,
          this.#channels.address(request.row),
          this.#channels.port(request.row),
        );
    }
  }
}

import { buildTeredoAddress, type Ipv4Endpoint, type Ipv4Value, type Ipv6Value, teredoPort } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';
import { controlSocket, mainSocket, type ProbeOptions, type ProbeOutputs } from '../options.ts';
import { EchoTest } from './echo-test.ts';
import { Intrusion } from './intrusion.ts';
import { Question } from './question.ts';

/** Bubbles stand between the server and us with these flags, so that they are no other client's. */
const probeFlags = 0x2851;
/** Those that go straight differ from the control's between the same sockets. */
const straightFlags = 0x2852;

/** Where the server's primary address sees the two sockets between which control bubbles travel. */
export interface Known {
  readonly main: Ipv4Endpoint | undefined;
  readonly control: Ipv4Endpoint | undefined;
}

/** One of our sockets, and where the server sees it. */
interface Mapping {
  readonly socket: number;
  readonly mapped: Ipv4Endpoint | undefined;
}

/** How a bubble goes from one of our sockets to another. */
interface BubbleWay extends Mapping {
  readonly from: number;
  readonly own: Ipv4Endpoint | undefined;
  /** The server; without it, straight. */
  readonly through?: Ipv4Endpoint;
  readonly isControl?: boolean;
  /** Called before each transmission. */
  readonly before?: ((bubble: Uint8Array) => void) | undefined;
}

/** Begins the exchanges of a probe: questions to the server, bubbles between its own sockets, echoes to a native host. */
export class Exchanges {
  readonly #options: ProbeOptions;
  readonly #outputs: ProbeOutputs;

  constructor(options: ProbeOptions, outputs: ProbeOutputs) {
    this.#options = options;
    this.#outputs = outputs;
  }

  /** Asks the primary address, or the one given, where it sees a socket. */
  ask(socket: number, from: Milliseconds, server: Ipv4Value = this.#options.primary): Question {
    const { primary, locals } = this.#options;
    const { send, random } = this.#outputs;
    return new Question({ socket, local: locals[socket]!, server, primary, send, random }, from);
  }

  /** A bubble from the main socket through the server's primary address to another socket of ours (RFC 4380 5.3.1). */
  intrude({ main }: Known, to: Mapping, from: Milliseconds, before?: BubbleWay['before']): Intrusion | undefined {
    const way = { from: mainSocket, own: main, ...to, through: this.#serverEndpoint };
    return this.bubble({ ...way, before }, from);
  }

  /** Bubbles to the control socket, all of which ought to arrive. */
  controlOf({ main, control }: Known, from: Milliseconds): Intrusion | undefined {
    const [socket, through] = [controlSocket, this.#serverEndpoint];
    return this.bubble({ from: mainSocket, own: main, socket, mapped: control, through, isControl: true }, from);
  }

  /** Undefined when no Teredo address can stand for one of the two endpoints. */
  bubble(way: BubbleWay, from: Milliseconds): Intrusion | undefined {
    const { own, mapped, socket, through, isControl } = way;
    const flags = through === undefined ? straightFlags : probeFlags;
    const [source, destination] = [this.teredoAddress(own, flags), this.teredoAddress(mapped, flags)];
    if (source === undefined || destination === undefined) return undefined;
    const send = (bubble: Uint8Array): void => {
      way.before?.(bubble);
      this.#outputs.send(way.from, bubble, through ?? mapped!);
    };
    return new Intrusion({ source, destination, socket, through, send, isControl }, from);
  }

  /** An echo to a native host through the server. */
  echo(own: Ipv6Value, target: Ipv6Value, from: Milliseconds): EchoTest {
    const { primary: server, policy } = this.#options;
    const { send, random } = this.#outputs;
    const to = this.#serverEndpoint;
    return new EchoTest({ socket: mainSocket, own, target, to, server, policy, send, random }, from);
  }

  /** The Teredo address of a mapped endpoint; undefined when it has none. */
  teredoAddress(mapped: Ipv4Endpoint | undefined, flags: number = probeFlags): Ipv6Value | undefined {
    const { primary: server, policy } = this.#options;
    return mapped && buildTeredoAddress({ server, flags, mapped, policy });
  }

  get #serverEndpoint(): Ipv4Endpoint {
    return { address: this.#options.primary, port: teredoPort };
  }
}

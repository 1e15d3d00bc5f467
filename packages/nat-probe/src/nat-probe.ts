import { buildTeredoAddress, type Ipv4Endpoint, type Ipv6Value, teredoPort } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';
import { DatagramLayout, echoDataOffset, readDatagram } from '@navalis/wire';
import { largePacketLength, otherServerPort, sequenceSockets } from './choices.ts';
import { EchoTest } from './echo-test.ts';
import type { Exchange } from './exchange.ts';
import { type Findings, type NativeAnswer, noFindings, type SocketMapping } from './findings.ts';
import { Intrusion, isSound, passageOf } from './intrusion.ts';
import type { Verdict } from './names.ts';
import {
  controlSocket,
  firstLifetimeSocket,
  lifetimeTrials,
  mainSocket,
  otherPortSocket,
  type ProbeOptions,
  type ProbeOutputs,
  type Stage,
  socketsNeeded,
  strangerSocket,
} from './options.ts';
import { Question } from './question.ts';
import { verdictOf } from './verdict.ts';

/** Bubbles stand between the server and us with these flags, so that they are no other client's. */
const probeFlags = 0x2851;

/** Where the server's primary address sees the two sockets between which control bubbles travel. */
interface Known {
  readonly main: Ipv4Endpoint | undefined;
  readonly control: Ipv4Endpoint | undefined;
}

/**
 * Finds out what stands between a host and the rest of Teredo, with nothing but the two addresses of a Teredo server:
 *
 * - **mapping**: several sockets ask both addresses where they are seen. Equal answers: one mapping for all.
 * - **forwarding**: a bubble through the server to a socket that the server has just answered.
 * - **filtering**: a bubble through the server reaches a socket from the server's primary address. A socket that spoke to
 *   the secondary address alone hears it if strangers pass. One that also spoke to another port of the primary address
 *   hears it if the address is enough. Then the first asks the primary address, too: another port than before shows a NAT
 *   that made a mapping for what came unasked.
 * - **hairpinning**: two sockets send to each other's mapped endpoints.
 * - **native**: an echo to a native host through the server, whose reply comes through a relay.
 * - **size**: the largest packet of a client, straight through that relay.
 * - **lifetime**: sockets fall silent, and after their time a bubble through the server is to reach them.
 *
 * Beside all that may be silent runs a control: bubbles to a socket that the server may always send to. Silence without
 * a control says nothing.
 *
 *     mapping --> forwarding --> filtering --> hairpinning --> native --> size --> lifetime --> done
 *
 * Symmetric or blocked goes straight to done; no NAT passes over filtering, hairpinning and lifetime.
 */
export class NatProbe {
  readonly #options: ProbeOptions;
  readonly #outputs: ProbeOutputs;
  readonly #layout: DatagramLayout = new DatagramLayout();
  #stage: Stage | 'initial' | 'done' = 'initial';
  #findings: Findings = noFindings;
  /** What the stage waits for, and the control that it does not wait for. */
  #exchanges: readonly Exchange[] = [];
  #control: Intrusion | undefined;
  /** What the stage does when all that it waits for is over. */
  #then: (now: Milliseconds) => void = () => undefined;

  constructor(options: ProbeOptions, outputs: ProbeOutputs) {
    if (options.locals.length < socketsNeeded(options.lifetimeLimitSeconds)) {
      throw new RangeError(`A probe needs ${socketsNeeded(options.lifetimeLimitSeconds)} sockets.`);
    }
    this.#options = options;
    this.#outputs = outputs;
  }

  get isDone(): boolean {
    return this.#stage === 'done';
  }

  /** The stage under way. */
  get stage(): Stage | 'initial' | 'done' {
    return this.#stage;
  }

  get findings(): Findings {
    return this.#findings;
  }

  /** What follows from the findings so far. */
  get verdict(): Verdict {
    return verdictOf(this.#findings);
  }

  start(now: Milliseconds): void {
    this.#stage = 'mapping';
    const { primary, secondary } = this.#options;
    const sockets = Array.from({ length: sequenceSockets }, (_, socket) => socket);
    const pairs = sockets.map((socket) => [this.#ask(socket, now), this.#ask(socket, now, secondary)] as const);
    this.#wait(pairs.flat(), undefined, now, (end) => {
      const mappings = pairs.map(
        ([byPrimary, bySecondary], socket): SocketMapping => ({
          local: this.#options.locals[socket]!,
          byPrimary: byPrimary.mapped,
          bySecondary: bySecondary.mapped,
        }),
      );
      const foreign = pairs.flat().find(({ isForeign }) => isForeign);
      const foreignAddress = foreign && (foreign.asked === primary ? 'primary' : 'secondary');
      this.#finish('mapping', { mappings, foreignAddress }, end);
      if (this.verdict.isUsable) this.#forward(end);
      else this.#end();
    });
  }

  nextDeadline(): Milliseconds {
    const attempts = [...this.#exchanges, ...(this.#control === undefined ? [] : [this.#control])];
    return attempts.reduce((next, { attempt }) => Math.min(next, attempt.nextDeadline()), Number.POSITIVE_INFINITY);
  }

  handleDeadline(now: Milliseconds): void {
    this.#control?.attempt.handleDeadline(now);
    for (const { attempt } of this.#exchanges) attempt.handleDeadline(now);
    this.#goOn(now);
  }

  /** A UDP payload came to one of the sockets. Total: what is none of ours changes nothing. */
  handleDatagram(socket: number, bytes: Uint8Array, from: Ipv4Endpoint, now: Milliseconds): void {
    const layout = this.#layout;
    if (readDatagram(bytes, 0, bytes.length, layout) !== undefined) return;
    const arrival = { socket, bytes, layout, from };
    if (this.#control?.handle(arrival, now) === true) return;
    if (this.#exchanges.some((exchange) => exchange.handle(arrival, now))) this.#goOn(now);
  }

  #forward(now: Milliseconds): void {
    this.#stage = 'forwarding';
    this.#locate(now, (known, located) => {
      const bubble = this.#intrude(controlSocket, known.control, known.main, located);
      this.#wait([bubble], undefined, located, (sent) => {
        if (bubble?.attempt.hasSucceeded === true) {
          this.#finish('forwarding', { throughServer: 'passes' }, sent);
          this.#afterForwarding(known, sent);
          return;
        }
        // The control: does the server answer at all still?
        const again = this.#ask(controlSocket, sent);
        this.#wait([again], undefined, sent, (end) => {
          const isFiltered = bubble !== undefined && again.attempt.hasSucceeded;
          this.#finish('forwarding', { throughServer: isFiltered ? 'filtered' : 'unknown' }, end);
          this.#end();
        });
      });
    });
  }

  #afterForwarding(known: Known, now: Milliseconds): void {
    if (this.verdict.nat === 'none') this.#reachNative(known, now);
    else this.#prepareFiltering(known, now);
  }

  /** The sockets for filtering learn their mappings from the secondary address: the primary one must stay a stranger. */
  #prepareFiltering(known: Known, now: Milliseconds): void {
    this.#stage = 'filtering';
    const { secondary } = this.#options;
    const stranger = this.#ask(strangerSocket, now, secondary);
    const otherPort = this.#ask(otherPortSocket, now, secondary);
    this.#wait([stranger, otherPort], undefined, now, (end) => {
      this.#filter(known, stranger.mapped, otherPort.mapped, end);
    });
  }

  #filter(
    known: Known,
    stranger: Ipv4Endpoint | undefined,
    otherPort: Ipv4Endpoint | undefined,
    now: Milliseconds,
  ): void {
    const toStranger = this.#intrude(strangerSocket, stranger, known.main, now);
    const toOtherPort = this.#intrude(otherPortSocket, otherPort, known.main, now, (bubble) => {
      // Opens the NAT towards another port of the server; nobody listens there.
      this.#outputs.send(otherPortSocket, bubble, { address: this.#options.primary, port: otherServerPort });
    });
    const control = this.#controlOf(known, now);
    this.#wait([toStranger, toOtherPort], control, now, (filtered) => {
      const passages = { fromStranger: passageOf(toStranger, control), fromOtherPort: passageOf(toOtherPort, control) };
      const late = this.#ask(strangerSocket, filtered);
      this.#wait([late], undefined, filtered, (end) => {
        const isSeen = passages.fromStranger !== 'unknown' && stranger !== undefined && late.mapped !== undefined;
        const displacesMapping = isSeen ? !isSame(stranger, late.mapped) : undefined;
        this.#finish('filtering', { ...passages, displacesMapping }, end);
        this.#hairpin(end);
      });
    });
  }

  #hairpin(now: Milliseconds): void {
    this.#stage = 'hairpinning';
    this.#locate(now, (known, located) => {
      const { main, control: other } = known;
      if (main === undefined || other === undefined) {
        this.#reachNative(known, located);
        return;
      }
      const control = this.#controlOf(known, located);
      const both = [
        this.#hairpinBubble(mainSocket, controlSocket, main, other, located),
        this.#hairpinBubble(controlSocket, mainSocket, other, main, located),
      ];
      this.#wait(both, control, located, (end) => {
        const isSeen = both.some(({ attempt }) => attempt.hasSucceeded);
        this.#finish('hairpinning', { hairpins: isSeen || (isSound(control) ? false : undefined) }, end);
        this.#reachNative(known, end);
      });
    });
  }

  #hairpinBubble(from: number, to: number, own: Ipv4Endpoint, target: Ipv4Endpoint, now: Milliseconds): Intrusion {
    const send = (bubble: Uint8Array): void => this.#outputs.send(from, bubble, target);
    return new Intrusion({ source: this.#teredo(own), destination: this.#teredo(target), socket: to, send }, now);
  }

  #reachNative(known: Known, now: Milliseconds): void {
    const { nativeTarget } = this.#options;
    if (nativeTarget === undefined) {
      this.#age(now);
      return;
    }
    this.#stage = 'native';
    const echo = this.#echo(known.main, nativeTarget, this.#serverEndpoint, now);
    const control = this.#controlOf(known, now);
    this.#wait([echo], control, now, (end) => {
      this.#finish('native', { native: nativeAnswerOf(echo, control) }, end);
      const relay = echo?.relay;
      if (relay === undefined) this.#age(end);
      else this.#sendLarge(known, nativeTarget, relay, end);
    });
  }

  /** As large as a client's packets may be, and if that is lost, the same in small as a control. */
  #sendLarge(known: Known, target: Ipv6Value, relay: Ipv4Endpoint, now: Milliseconds): void {
    this.#stage = 'size';
    const large = this.#echo(known.main, target, relay, now, largePacketLength - echoDataOffset);
    this.#wait([large], undefined, now, (sent) => {
      if (large?.attempt.hasSucceeded === true) {
        this.#finish('size', { largePackets: 'passes' }, sent);
        this.#age(sent);
        return;
      }
      const small = this.#echo(known.main, target, relay, sent);
      this.#wait([small], undefined, sent, (end) => {
        this.#finish('size', { largePackets: small?.attempt.hasSucceeded === true ? 'filtered' : 'unknown' }, end);
        this.#age(end);
      });
    });
  }

  /** Gives each socket for lifetimes a mapping, and then waits for the first one's time. */
  #age(now: Milliseconds): void {
    const trials = lifetimeTrials(this.#options.lifetimeLimitSeconds);
    if (trials.length === 0 || this.verdict.nat === 'none') {
      this.#end();
      return;
    }
    this.#stage = 'lifetime';
    const questions = trials.map((_, index) => this.#ask(firstLifetimeSocket + index, now));
    this.#wait(questions, undefined, now, (end) => this.#tryNextAge(questions, 0, end));
  }

  /** Trial by trial; the mappings of the control may have changed meanwhile, so they are asked for anew each time. */
  #tryNextAge(questions: readonly Question[], index: number, now: Milliseconds): void {
    const seconds = lifetimeTrials(this.#options.lifetimeLimitSeconds)[index];
    const question = questions[index];
    // What is dead stays dead: later trials would say the same.
    if (seconds === undefined || question === undefined || this.#findings.expiredSeconds !== undefined) {
      this.#finish('lifetime', {}, now);
      this.#end();
      return;
    }
    const { succeededAt } = question.attempt;
    if (succeededAt === undefined) {
      this.#tryNextAge(questions, index + 1, now);
      return;
    }
    const tryIt = (known: Known, located: Milliseconds): void => {
      const intrusion = this.#intrude(firstLifetimeSocket + index, question.mapped, known.main, located);
      const control = this.#controlOf(known, located);
      this.#wait([intrusion], control, located, (end) => {
        const passage = passageOf(intrusion, control);
        if (passage === 'passes') this.#findings = { ...this.#findings, survivedSeconds: seconds };
        if (passage === 'filtered') this.#findings = { ...this.#findings, expiredSeconds: seconds };
        this.#tryNextAge(questions, index + 1, end);
      });
    };
    this.#locate(now, tryIt, Math.max(now, succeededAt + 1000 * seconds));
  }

  /** Asks where the server's primary address sees main and control socket; a later moment may be given. */
  #locate(now: Milliseconds, then: (known: Known, now: Milliseconds) => void, from: Milliseconds = now): void {
    const [main, control] = [this.#ask(mainSocket, from), this.#ask(controlSocket, from)];
    this.#wait([main, control], undefined, now, (end) => then({ main: main.mapped, control: control.mapped }, end));
  }

  #ask(socket: number, from: Milliseconds, server = this.#options.primary): Question {
    const { primary, locals } = this.#options;
    const { send, random } = this.#outputs;
    return new Question({ socket, local: locals[socket]!, server, primary, send, random }, from);
  }

  /** A bubble from the main socket through the server's primary address to another socket of ours (RFC 4380 5.3.1). */
  #intrude(
    socket: number,
    mapped: Ipv4Endpoint | undefined,
    main: Ipv4Endpoint | undefined,
    from: Milliseconds,
    before?: (bubble: Uint8Array) => void,
  ): Intrusion | undefined {
    if (mapped === undefined || main === undefined) return undefined;
    return new Intrusion(this.#bubbleThroughServer(socket, mapped, main, before), from);
  }

  /** Bubbles to the control socket, all of which ought to arrive. */
  #controlOf({ main, control }: Known, from: Milliseconds): Intrusion | undefined {
    if (main === undefined || control === undefined) return undefined;
    return new Intrusion({ ...this.#bubbleThroughServer(controlSocket, control, main), isControl: true }, from);
  }

  #bubbleThroughServer(
    socket: number,
    mapped: Ipv4Endpoint,
    main: Ipv4Endpoint,
    before?: (bubble: Uint8Array) => void,
  ): ConstructorParameters<typeof Intrusion>[0] {
    const send = (bubble: Uint8Array): void => {
      before?.(bubble);
      this.#outputs.send(mainSocket, bubble, this.#serverEndpoint);
    };
    const [source, destination] = [this.#teredo(main), this.#teredo(mapped)];
    return { source, destination, socket, through: this.#serverEndpoint, send };
  }

  #echo(
    main: Ipv4Endpoint | undefined,
    target: Ipv6Value,
    to: Ipv4Endpoint,
    from: Milliseconds,
    dataLength?: number,
  ): EchoTest | undefined {
    if (main === undefined) return undefined;
    const { primary: server, policy } = this.#options;
    const { send, random } = this.#outputs;
    const own = this.#teredo(main);
    return new EchoTest({ socket: mainSocket, own, target, to, server, policy, dataLength, send, random }, from);
  }

  #teredo(mapped: Ipv4Endpoint): Ipv6Value {
    const { primary, policy } = this.#options;
    // An endpoint that no Teredo address may embed gets none, and its bubble goes nowhere.
    const nobody = { word0: 0, word1: 0, word2: 0, word3: 0 };
    return buildTeredoAddress({ server: primary, flags: probeFlags, mapped, policy }) ?? nobody;
  }

  get #serverEndpoint(): Ipv4Endpoint {
    return { address: this.#options.primary, port: teredoPort };
  }

  /** Waits until all exchanges are over; those that could not begin are. */
  #wait(
    exchanges: readonly (Exchange | undefined)[],
    control: Intrusion | undefined,
    now: Milliseconds,
    then: (now: Milliseconds) => void,
  ): void {
    this.#exchanges = exchanges.filter((each) => each !== undefined);
    this.#control = control;
    this.#then = then;
    this.handleDeadline(now);
  }

  /** Takes the next step when nothing is waited for any more. */
  #goOn(now: Milliseconds): void {
    if (this.#stage === 'initial' || this.#stage === 'done') return;
    if (!this.#exchanges.every(({ attempt }) => attempt.isOver)) return;
    const then = this.#then;
    this.#then = () => undefined;
    then(now);
  }

  #finish(stage: Stage, found: Partial<Findings>, now: Milliseconds): void {
    this.#findings = { ...this.#findings, ...found };
    this.#outputs.stageDone(stage, this.#findings, now);
  }

  #end(): void {
    this.#exchanges = [];
    this.#control = undefined;
    this.#stage = 'done';
  }
}

function nativeAnswerOf(echo: EchoTest | undefined, control: Intrusion | undefined): NativeAnswer {
  if (echo?.attempt.hasSucceeded === true) return 'answers';
  if (echo?.hasHeardRelay === true) return 'relay-only';
  return echo !== undefined && isSound(control) ? 'silent' : 'unknown';
}

function isSame(one: Ipv4Endpoint | undefined, other: Ipv4Endpoint | undefined): boolean {
  return one?.address === other?.address && one?.port === other?.port;
}

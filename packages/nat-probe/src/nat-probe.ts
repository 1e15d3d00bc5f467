import { type Ipv4Endpoint, type Ipv6Value, ipv4EndpointEquals } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';
import { symmetricNatKinds } from '@navalis/nat';
import { DatagramLayout, defaultLinkMtu, echoDataOffset, readDatagram } from '@navalis/wire';
import { echoNonceLength, otherServerPort, sequenceSockets, smallerPackets } from './choices.ts';
import type { EchoTest } from './exchanges/echo-test.ts';
import type { Exchange } from './exchanges/exchange.ts';
import { Exchanges, type Known } from './exchanges/exchanges.ts';
import { type Intrusion, isSound, passageOf } from './exchanges/intrusion.ts';
import type { Question } from './exchanges/question.ts';
import { type Findings, type NativeAnswer, noFindings, type SocketMapping } from './findings.ts';
import type { Verdict } from './names.ts';
import {
  controlSocket,
  firstLifetimeSocket,
  freshSocket,
  lifetimeTrials,
  mainSocket,
  otherPortSocket,
  type ProbeOptions,
  type ProbeOutputs,
  type Stage,
  socketsNeeded,
} from './options.ts';
import { verdictOf } from './verdict.ts';

/** A socket that falls silent for some seconds. */
interface Trial {
  readonly seconds: number;
  readonly socket: number;
  readonly question: Question;
}

/**
 * Finds out what stands between a host and the rest of Teredo, with nothing but the two addresses of a Teredo server:
 *
 * - **mapping**: several sockets ask both addresses where they are seen. Equal answers: one mapping for all.
 * - **forwarding**: a bubble through the server to a socket that the server has just answered.
 * - **filtering**: a bubble through the server reaches a socket from the server's primary address. A socket that spoke to
 *   the secondary address alone hears it if unknown endpoints pass. One that also spoke to another port of the primary address
 *   hears it if the address is enough. Then the first asks the primary address, too: another port than before shows a NAT
 *   that made a mapping for unsolicited input.
 * - **hairpinning**: two sockets send to each other's mapped endpoints.
 * - **native**: an echo to a native host through the server, whose reply comes through a relay.
 * - **other-native**: when that brings nothing back, an echo to a host in another network.
 * - **size**: the largest packet of a client, straight through that relay.
 * - **lifetime**: sockets fall silent, and after their time a bubble through the server is to reach them.
 *
 * Beside all that may be silent runs a control: bubbles to a socket that the server may always send to. Silence without
 * a control says nothing.
 *
 *     mapping --> forwarding --> filtering --> hairpinning --> native --> size --> lifetime --> done
 *
 * A blocked result goes straight to done, and so does a symmetric one without support for it. Behind a symmetric NAT the probe skips
 * filtering and hairpinning, and without a NAT lifetime too.
 */
export class NatProbe {
  readonly #options: ProbeOptions;
  readonly #outputs: ProbeOutputs;
  readonly #exchanges: Exchanges;
  readonly #layout: DatagramLayout = new DatagramLayout();
  #stage: Stage | 'initial' | 'done' = 'initial';
  #findings: Findings = noFindings;
  /** The exchanges that the stage waits for, and the control that it does not wait for. */
  #awaited: readonly Exchange[] = [];
  #control: Intrusion | undefined;
  /** The continuation of the stage, when all awaited exchanges are over. */
  #then: (now: Milliseconds) => void = () => undefined;

  constructor(options: ProbeOptions, outputs: ProbeOutputs) {
    if (options.locals.length < socketsNeeded(options.lifetimeLimitSeconds)) {
      throw new RangeError(`A probe needs ${socketsNeeded(options.lifetimeLimitSeconds)} sockets.`);
    }
    this.#options = options;
    this.#outputs = outputs;
    this.#exchanges = new Exchanges(options, outputs);
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

  /** Returns the conclusion from the findings so far. */
  get verdict(): Verdict {
    return verdictOf(this.#findings, this.#options.symmetricNatSupport);
  }

  start(now: Milliseconds): void {
    this.#stage = 'mapping';
    const { primary, secondary } = this.#options;
    const sockets = Array.from({ length: sequenceSockets }, (_, socket) => socket);
    const pairs = sockets.map(
      (socket) => [this.#exchanges.ask(socket, now), this.#exchanges.ask(socket, now, secondary)] as const,
    );
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
      const mapped = mappings.flatMap((each) => each.byPrimary ?? []);
      const isMappedGlobal =
        mapped.length === 0 ? undefined : mapped.every((each) => this.#exchanges.teredoAddress(each) !== undefined);
      this.#finish('mapping', { mappings, isMappedGlobal, foreignAddress }, end);
      if (this.verdict.isUsable) this.#forward(end);
      else this.#end();
    });
  }

  nextDeadline(): Milliseconds {
    const attempts = [...this.#awaited, ...(this.#control === undefined ? [] : [this.#control])];
    return attempts.reduce((next, { attempt }) => Math.min(next, attempt.nextDeadline()), Number.POSITIVE_INFINITY);
  }

  handleDeadline(now: Milliseconds): void {
    this.#control?.attempt.handleDeadline(now);
    for (const { attempt } of this.#awaited) attempt.handleDeadline(now);
    this.#goOn(now);
  }

  /** Handles a UDP payload received on one of the sockets. Total: a foreign datagram changes nothing. */
  handleDatagram(socket: number, bytes: Uint8Array, from: Ipv4Endpoint, now: Milliseconds): void {
    const layout = this.#layout;
    if (readDatagram(bytes, 0, bytes.length, layout) !== undefined) return;
    const arrival = { socket, bytes, layout, from };
    this.#control?.handle(arrival, now);
    for (const exchange of this.#awaited) exchange.handle(arrival, now);
    this.#goOn(now);
  }

  #forward(now: Milliseconds): void {
    this.#stage = 'forwarding';
    this.#locate(now, (known, located) => {
      const bubble = this.#exchanges.intrude(known, { socket: controlSocket, mapped: known.control }, located);
      this.#wait([bubble], undefined, located, (sent) => {
        if (bubble?.attempt.hasSucceeded === true) {
          this.#finish('forwarding', { throughServer: 'passes' }, sent);
          this.#afterForwarding(known, sent);
          return;
        }
        // The control: checks that the server still answers at all.
        const again = this.#exchanges.ask(controlSocket, sent);
        this.#wait([again], undefined, sent, (end) => {
          const isFiltered = bubble !== undefined && again.attempt.hasSucceeded;
          this.#finish('forwarding', { throughServer: isFiltered ? 'filtered' : 'unknown' }, end);
          this.#end();
        });
      });
    });
  }

  #afterForwarding(known: Known, now: Milliseconds): void {
    // Without a NAT nothing filters, and a symmetric one has no mapping that others could use.
    const { nat } = this.verdict;
    if (nat === 'none' || symmetricNatKinds.some((kind) => kind === nat)) this.#reachNative(known, now);
    else this.#prepareFiltering(known, now);
  }

  /** The sockets for filtering learn their mappings from the secondary address: they must not contact the primary one. */
  #prepareFiltering(known: Known, now: Milliseconds): void {
    this.#stage = 'filtering';
    const { secondary } = this.#options;
    const fresh = this.#exchanges.ask(freshSocket, now, secondary);
    const otherPort = this.#exchanges.ask(otherPortSocket, now, secondary);
    this.#wait([fresh, otherPort], undefined, now, (end) => {
      this.#filter(known, fresh.mapped, otherPort.mapped, end);
    });
  }

  #filter(known: Known, fresh: Ipv4Endpoint | undefined, otherPort: Ipv4Endpoint | undefined, now: Milliseconds): void {
    const toFresh = this.#exchanges.intrude(known, { socket: freshSocket, mapped: fresh }, now);
    // Opens the NAT towards another port of the server; nobody listens there.
    const before = (bubble: Uint8Array): void =>
      this.#outputs.send(otherPortSocket, bubble, { address: this.#options.primary, port: otherServerPort });
    const toOtherPort = this.#exchanges.intrude(known, { socket: otherPortSocket, mapped: otherPort }, now, before);
    const control = this.#exchanges.controlOf(known, now);
    this.#wait([toFresh, toOtherPort], control, now, (filtered) => {
      const passages = {
        fromUnknownAddress: passageOf(toFresh, control),
        fromOtherPort: passageOf(toOtherPort, control),
      };
      const late = this.#exchanges.ask(freshSocket, filtered);
      this.#wait([late], undefined, filtered, (end) => {
        const { mapped } = late;
        const isUnseen = passages.fromUnknownAddress === 'unknown' || mapped === undefined;
        const displacesMapping = isUnseen ? undefined : !ipv4EndpointEquals(fresh!, mapped);
        this.#finish('filtering', { ...passages, displacesMapping }, end);
        this.#hairpin(end);
      });
    });
  }

  #hairpin(now: Milliseconds): void {
    this.#stage = 'hairpinning';
    this.#locate(now, (known, located) => {
      const control = this.#exchanges.controlOf(known, located);
      const both = [
        this.#exchanges.bubble(
          { from: mainSocket, own: known.main, socket: controlSocket, mapped: known.control },
          located,
        ),
        this.#exchanges.bubble(
          { from: controlSocket, own: known.control, socket: mainSocket, mapped: known.main },
          located,
        ),
      ];
      this.#wait(both, control, located, (end) => {
        const isSeen = both.some((bubble) => bubble?.attempt.hasSucceeded);
        this.#finish('hairpinning', { hairpins: isSeen || (isSound(control) ? false : undefined) }, end);
        this.#reachNative(known, end);
      });
    });
  }

  #reachNative(known: Known, now: Milliseconds): void {
    const { nativeTarget, otherNativeTarget } = this.#options;
    if (nativeTarget === undefined) {
      this.#age(now);
      return;
    }
    this.#stage = 'native';
    const own = this.#exchanges.teredoAddress(known.main);
    const echo = own && this.#exchanges.echo(own, nativeTarget, now);
    const control = this.#exchanges.controlOf(known, now);
    this.#wait([echo], control, now, (end) => {
      const native = nativeAnswerOf(echo, control);
      this.#finish('native', { native }, end);
      if (native === 'silent' && otherNativeTarget !== undefined) {
        this.#reachOther(known, otherNativeTarget, end);
        return;
      }
      const large = echo?.straight(defaultLinkMtu - echoDataOffset, end);
      if (large === undefined) this.#age(end);
      else this.#sendLarge(large, end);
    });
  }

  /** Sends an echo to a host in another network: the first one's alone may bring nothing back. */
  #reachOther(known: Known, target: Ipv6Value, now: Milliseconds): void {
    this.#stage = 'other-native';
    const own = this.#exchanges.teredoAddress(known.main);
    const echo = own && this.#exchanges.echo(own, target, now);
    const control = this.#exchanges.controlOf(known, now);
    this.#wait([echo], control, now, (end) => {
      this.#finish('other-native', { otherNative: nativeAnswerOf(echo, control) }, end);
      this.#age(end);
    });
  }

  /** As large as a client's packets may be, and if that is lost, the same in small as a control. */
  #sendLarge(large: EchoTest, now: Milliseconds): void {
    this.#stage = 'size';
    this.#wait([large], undefined, now, (sent) => {
      if (large.attempt.hasSucceeded) {
        this.#finish('size', { largePackets: 'passes' }, sent);
        this.#age(sent);
        return;
      }
      const small = large.resized(echoNonceLength, sent);
      this.#wait([small], undefined, sent, (end) => {
        if (small.attempt.hasSucceeded) {
          this.#findLargest(large, end);
          return;
        }
        this.#finish('size', { largePackets: 'unknown' }, end);
        this.#age(end);
      });
    });
  }

  /** Finds the largest packet that passes, by packets of some sizes at once. */
  #findLargest(large: EchoTest, now: Milliseconds): void {
    const echoes = smallerPackets.map((octets) => large.resized(octets - echoDataOffset, now));
    this.#wait(echoes, undefined, now, (end) => {
      const index = echoes.findIndex(({ attempt }) => attempt.hasSucceeded);
      const largestPacket = smallerPackets[index] ?? echoDataOffset + echoNonceLength;
      this.#finish('size', { largePackets: 'filtered', largestPacket }, end);
      this.#age(end);
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
    const all = trials.map((seconds, index): Trial => {
      const socket = firstLifetimeSocket + index;
      return { seconds, socket, question: this.#exchanges.ask(socket, now) };
    });
    this.#wait(
      all.map(({ question }) => question),
      undefined,
      now,
      (end) => this.#tryNextAge(all, end),
    );
  }

  /** Trial by trial; the mappings of the control may have changed meanwhile, so they are queried again each time. */
  #tryNextAge([trial, ...later]: readonly Trial[], now: Milliseconds): void {
    // An expired mapping stays expired: later trials would give the same result.
    if (trial === undefined || this.#findings.expiredSeconds !== undefined) {
      this.#finish('lifetime', {}, now);
      this.#end();
      return;
    }
    const { seconds, socket, question } = trial;
    const { succeededAt } = question.attempt;
    if (succeededAt === undefined) {
      this.#tryNextAge(later, now);
      return;
    }
    const tryIt = (known: Known, located: Milliseconds): void => {
      const intrusion = this.#exchanges.intrude(known, { socket, mapped: question.mapped }, located);
      const control = this.#exchanges.controlOf(known, located);
      this.#wait([intrusion], control, located, (end) => {
        const passage = passageOf(intrusion, control);
        if (passage === 'passes') this.#findings = { ...this.#findings, survivedSeconds: seconds };
        if (passage === 'filtered') this.#findings = { ...this.#findings, expiredSeconds: seconds };
        this.#tryNextAge(later, end);
      });
    };
    this.#locate(now, tryIt, Math.max(now, succeededAt + 1000 * seconds));
  }

  /** Asks where the server's primary address sees main and control socket; a later moment may be given. */
  #locate(now: Milliseconds, then: (known: Known, now: Milliseconds) => void, from: Milliseconds = now): void {
    const [main, control] = [this.#exchanges.ask(mainSocket, from), this.#exchanges.ask(controlSocket, from)];
    this.#wait([main, control], undefined, now, (end) => then({ main: main.mapped, control: control.mapped }, end));
  }

  /** Waits until all exchanges are over; those that could not begin are. */
  #wait(
    exchanges: readonly (Exchange | undefined)[],
    control: Intrusion | undefined,
    now: Milliseconds,
    then: (now: Milliseconds) => void,
  ): void {
    this.#awaited = exchanges.filter((each) => each !== undefined);
    this.#control = control;
    this.#then = then;
    this.handleDeadline(now);
  }

  /** Takes the next step when nothing is waited for any more. */
  #goOn(now: Milliseconds): void {
    if (!this.#awaited.every(({ attempt }) => attempt.isOver)) return;
    const then = this.#then;
    this.#then = () => undefined;
    then(now);
  }

  #finish(stage: Stage, found: Partial<Findings>, now: Milliseconds): void {
    this.#findings = { ...this.#findings, ...found };
    this.#outputs.stageDone(stage, this.#findings, now);
  }

  #end(): void {
    this.#control = undefined;
    this.#stage = 'done';
  }
}

function nativeAnswerOf(echo: EchoTest | undefined, control: Intrusion | undefined): NativeAnswer {
  if (echo?.attempt.hasSucceeded === true) return 'answers';
  if (echo?.hasHeardRelay === true) return 'relay-only';
  return isSound(control) ? 'silent' : 'unknown';
}

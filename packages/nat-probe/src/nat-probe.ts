import { buildTeredoAddress, type Ipv4Endpoint, type Ipv6Value, teredoPort } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';
import { DatagramLayout, readDatagram } from '@navalis/wire';
import type { Attempt } from './attempt.ts';
import { otherServerPort, sequenceSockets } from './choices.ts';
import { type Findings, noFindings, type Passage, type SocketMapping } from './findings.ts';
import { Intrusion } from './intrusion.ts';
import {
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
import { type Verdict, verdictOf } from './verdict.ts';

/** Bubbles stand between the server and us with these flags, so that they are no other client's. */
const probeFlags = 0x2a51;

/**
 * Finds out what NAT a host is behind, with nothing but the two addresses of a Teredo server:
 *
 * - **mapping**: several sockets ask both addresses where they are seen. Equal answers: one mapping for all.
 * - **filtering**: a bubble through the server reaches a socket from the server's primary address. A socket that spoke to
 *   the secondary address alone hears it if strangers pass. One that also spoke to another port of the primary address
 *   hears it if the address is enough. One that spoke to the primary address itself is the control.
 * - **hairpinning**: two sockets send to each other's mapped endpoints.
 * - **lifetime**: sockets fall silent, and after their time a bubble through the server is to reach them.
 *
 *     mapping --> filtering --> hairpinning --> lifetime --> done      (symmetric, blocked or no NAT: straight to done)
 */
export class NatProbe {
  readonly #options: ProbeOptions;
  readonly #outputs: ProbeOutputs;
  readonly #layout: DatagramLayout = new DatagramLayout();
  #stage: Stage | 'initial' | 'done' = 'initial';
  #findings: Findings = noFindings;
  #questions: readonly Question[] = [];
  #intrusions: readonly Intrusion[] = [];
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
    const pairs = sockets.map(
      (socket) => [this.#ask(socket, primary, now), this.#ask(socket, secondary, now)] as const,
    );
    this.#wait(pairs.flat(), [], now, (end) => {
      const mappings = pairs.map(
        ([byPrimary, bySecondary], socket): SocketMapping => ({
          local: this.#options.locals[socket]!,
          byPrimary: byPrimary.mapped,
          bySecondary: bySecondary.mapped,
        }),
      );
      this.#findings = { ...this.#findings, mappings };
      this.#finish('mapping', end);
      if (this.verdict.isUsable && this.verdict.nat !== 'none') this.#prepareFiltering(end);
      else this.#end();
    });
  }

  nextDeadline(): Milliseconds {
    return this.#attempts.reduce((next, attempt) => Math.min(next, attempt.nextDeadline()), Number.POSITIVE_INFINITY);
  }

  handleDeadline(now: Milliseconds): void {
    for (const attempt of this.#attempts) attempt.handleDeadline(now);
    this.#goOn(now);
  }

  /** A UDP payload came to one of the sockets. Total: what is none of ours changes nothing. */
  handleDatagram(socket: number, bytes: Uint8Array, from: Ipv4Endpoint, now: Milliseconds): void {
    const layout = this.#layout;
    if (readDatagram(bytes, 0, bytes.length, layout) !== undefined) return;
    const through = this.#stage === 'hairpinning' ? undefined : this.#serverEndpoint;
    const isOurs =
      this.#questions.some((question) => question.handle(socket, bytes, layout, from, now)) ||
      this.#intrusions.some((intrusion) => intrusion.handle(socket, bytes, layout, from, through, now));
    if (isOurs) this.#goOn(now);
  }

  /** The sockets for filtering learn their mappings from the secondary address: the primary one must stay a stranger. */
  #prepareFiltering(now: Milliseconds): void {
    this.#stage = 'filtering';
    const { secondary } = this.#options;
    const [stranger, otherPort] = [
      this.#ask(strangerSocket, secondary, now),
      this.#ask(otherPortSocket, secondary, now),
    ];
    this.#wait([stranger, otherPort], [], now, (end) => this.#filter(stranger.mapped, otherPort.mapped, end));
  }

  #filter(stranger: Ipv4Endpoint | undefined, otherPort: Ipv4Endpoint | undefined, now: Milliseconds): void {
    const known = this.#findings.mappings[1]?.byPrimary;
    const toKnown = this.#intrude(1, known, now);
    const toStranger = this.#intrude(strangerSocket, stranger, now);
    const toOtherPort = this.#intrude(otherPortSocket, otherPort, now, (bubble) => {
      // Opens the NAT towards another port of the server; nobody listens there.
      this.#outputs.send(otherPortSocket, bubble, { address: this.#options.primary, port: otherServerPort });
    });
    this.#wait(
      [],
      [toKnown, toStranger, toOtherPort].filter((each) => each !== undefined),
      now,
      (end) => {
        const passage = (intrusion: Intrusion | undefined): Passage => {
          if (intrusion?.attempt.succeededAt !== undefined) return 'passes';
          return intrusion === undefined || toKnown?.attempt.succeededAt === undefined ? 'unknown' : 'filtered';
        };
        this.#findings = { ...this.#findings, fromStranger: passage(toStranger), fromOtherPort: passage(toOtherPort) };
        this.#finish('filtering', end);
        this.#hairpin(end);
      },
    );
  }

  #hairpin(now: Milliseconds): void {
    this.#stage = 'hairpinning';
    const [one, other] = [0, 1].map((socket) => this.#findings.mappings[socket]?.byPrimary);
    if (one === undefined || other === undefined) {
      this.#age(now);
      return;
    }
    const between = (from: number, to: number, target: Ipv4Endpoint, own: Ipv4Endpoint): Intrusion =>
      new Intrusion(
        {
          source: this.#teredo(own),
          destination: this.#teredo(target),
          socket: to,
          send: (bubble) => this.#outputs.send(from, bubble, target),
        },
        now,
      );
    const both = [between(0, 1, other, one), between(1, 0, one, other)];
    this.#wait([], both, now, (end) => {
      this.#findings = { ...this.#findings, hairpins: both.some(({ attempt }) => attempt.succeededAt !== undefined) };
      this.#finish('hairpinning', end);
      this.#age(end);
    });
  }

  /** Gives each socket for lifetimes a mapping, and then waits for the first one's time. */
  #age(now: Milliseconds): void {
    const trials = lifetimeTrials(this.#options.lifetimeLimitSeconds);
    if (trials.length === 0) {
      this.#end();
      return;
    }
    this.#stage = 'lifetime';
    const questions = trials.map((_, index) => this.#ask(firstLifetimeSocket + index, this.#options.primary, now));
    this.#wait(questions, [], now, (end) => this.#tryNextAge(questions, 0, end));
  }

  /** Trial by trial; the main socket's mapping may have changed meanwhile, so it is asked for anew each time. */
  #tryNextAge(questions: readonly Question[], index: number, now: Milliseconds): void {
    const seconds = lifetimeTrials(this.#options.lifetimeLimitSeconds)[index];
    const question = questions[index];
    if (seconds === undefined || question === undefined) {
      this.#finish('lifetime', now);
      this.#end();
      return;
    }
    const { succeededAt } = question.attempt;
    if (succeededAt === undefined) {
      this.#tryNextAge(questions, index + 1, now);
      return;
    }
    const main = this.#ask(mainSocket, this.#options.primary, Math.max(now, succeededAt + 1000 * seconds));
    this.#wait([main], [], now, (asked) => {
      const intrusion = this.#intrude(firstLifetimeSocket + index, question.mapped, asked, undefined, main.mapped);
      this.#wait([], intrusion === undefined ? [] : [intrusion], asked, (end) => {
        const { survivedSeconds, expiredSeconds } = this.#findings;
        if (intrusion?.attempt.succeededAt !== undefined) {
          this.#findings = { ...this.#findings, survivedSeconds: seconds };
        } else if (survivedSeconds !== undefined || expiredSeconds === undefined) {
          this.#findings = { ...this.#findings, expiredSeconds: expiredSeconds ?? seconds };
        }
        // What is dead stays dead: later trials would say the same.
        const isOver = this.#findings.expiredSeconds !== undefined;
        this.#tryNextAge(isOver ? [] : questions, index + 1, end);
      });
    });
  }

  #ask(socket: number, server: number, from: Milliseconds): Question {
    const local = this.#options.locals[socket]!;
    return new Question(socket, local, server, from, this.#outputs.send, this.#outputs.random);
  }

  /** A bubble from the main socket through the server's primary address to another socket of ours (RFC 4380 5.3.1). */
  #intrude(
    socket: number,
    mapped: Ipv4Endpoint | undefined,
    from: Milliseconds,
    before: (bubble: Uint8Array) => void = () => undefined,
    own: Ipv4Endpoint | undefined = this.#findings.mappings[mainSocket]?.byPrimary,
  ): Intrusion | undefined {
    if (mapped === undefined || own === undefined) return undefined;
    return new Intrusion(
      {
        source: this.#teredo(own),
        destination: this.#teredo(mapped),
        socket,
        send: (bubble) => {
          before(bubble);
          this.#outputs.send(mainSocket, bubble, this.#serverEndpoint);
        },
      },
      from,
    );
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

  get #attempts(): Attempt[] {
    return [...this.#questions, ...this.#intrusions].map(({ attempt }) => attempt);
  }

  #wait(
    questions: readonly Question[],
    intrusions: readonly Intrusion[],
    now: Milliseconds,
    then: (now: Milliseconds) => void,
  ): void {
    this.#questions = questions;
    this.#intrusions = intrusions;
    this.#then = then;
    this.handleDeadline(now);
  }

  /** Takes the next step when nothing is waited for any more. */
  #goOn(now: Milliseconds): void {
    if (this.#stage === 'initial' || this.#stage === 'done') return;
    if (!this.#attempts.every((attempt) => attempt.isOver)) return;
    const then = this.#then;
    this.#then = () => undefined;
    then(now);
  }

  #finish(stage: Stage, now: Milliseconds): void {
    this.#outputs.stageDone(stage, this.#findings, now);
  }

  #end(): void {
    this.#questions = [];
    this.#intrusions = [];
    this.#stage = 'done';
  }
}

import {
  buildTeredoAddress,
  buildTeredoLinkLocal,
  type Ipv4Endpoint,
  type Ipv4Value,
  type Ipv6Value,
  teredoFlags,
  teredoServicePrefix,
} from '@navalis/address';
import {
  type Counters,
  type DatagramRun,
  type DropReason,
  drawShare,
  type EngineOutputs,
  type Milliseconds,
  type NatClass,
  type OfflineReason,
  type RandomSource,
} from '@navalis/engine';
import { type DatagramLayout, defaultLinkMtu, MessageAuthenticator } from '@navalis/wire';
import {
  peerWitnessMs,
  refreshSpacingMs,
  refreshTransmissions,
  slowRefreshSpacingMs,
  substitutesFromTransmission,
} from './choices.ts';
import {
  defaultRefreshIntervalMs,
  shortestRefreshShare,
  solicitationTimeoutMs,
  solicitationTransmissions,
} from './constants.ts';
import { drawFlags } from './draws.ts';
import { FlagMemory } from './flag-memory.ts';
import type { QualificationOptions, TeredoServer } from './options.ts';
import { PreferredServerProbe } from './servers/preferred-server-probe.ts';
import { RetrySchedule } from './servers/retry-schedule.ts';
import { type Substitute, Substitutes } from './servers/substitutes.ts';
import { judgeAdvertisement, type Learned } from './solicitation/advertisement.ts';
import { OutstandingNonces } from './solicitation/outstanding-nonces.ts';
import { SolicitationSender } from './solicitation/solicitation-sender.ts';
import { type Assignment, connectivityStatus, type QualificationState } from './state.ts';

/** Where a qualification's results go: solicitations to send, and the events of a client's life. */
export type QualificationOutputs = Pick<EngineOutputs, 'sendDatagrams' | 'report'>;

/**
 * Gets a client its Teredo address and keeps it (RFC 4380 5.2.1 and 5.2.5 as changed by RFC 5991). Holds one state, the
 * nonces of one phase and one datagram; nothing grows.
 */
export class Qualification {
  readonly #options: QualificationOptions;
  readonly #outputs: QualificationOutputs;
  readonly #random: RandomSource;
  readonly #authenticator: MessageAuthenticator | undefined;
  readonly #sender: SolicitationSender;
  readonly #schedule: RetrySchedule;
  readonly #flags: FlagMemory;
  readonly #nonces: OutstandingNonces = new OutstandingNonces();
  readonly #probe: PreferredServerProbe;
  readonly #substitutes: Substitutes = new Substitutes();
  /** How long the mapping is left alone at most. */
  refreshIntervalMs: Milliseconds;
  /** Primary addresses of servers that this host has no route to: nothing is sent for an address there. */
  unreachable: readonly Ipv4Value[];
  #servers: readonly TeredoServer[];
  #local: Ipv4Endpoint;
  #state: QualificationState = { kind: 'initial' };
  #since: Milliseconds = 0;
  #linkLocal: Ipv6Value;
  /** Of the last answer but those of a server's second address. */
  #mappedPort: number | undefined;
  /** The cone bit of the phase, and while qualified the one that earned the address. */
  #cone = 0;
  #lastInteraction: Milliseconds = Number.NEGATIVE_INFINITY;
  /** What peers said before is of another network. */
  #witnessFrom: Milliseconds = Number.NEGATIVE_INFINITY;
  /** That the server is silent was reported, and not yet that it answers again. */
  #isSilenceReported = false;
  #lastFailure: OfflineReason | undefined;
  /** Servers whose wish for another secret was reported. */
  readonly #renewalReported = new Set<Ipv4Value>();

  constructor(options: QualificationOptions, outputs: QualificationOutputs, counters: Counters, random: RandomSource) {
    this.#options = options;
    this.#outputs = outputs;
    this.#random = random;
    this.#authenticator = options.secure && new MessageAuthenticator(options.secure);
    this.#sender = new SolicitationSender(outputs, counters, this.#authenticator);
    const phases = options.trustsConeBit === true ? 2 : 1;
    this.#schedule = new RetrySchedule(
      {
        servers: options.servers.length,
        keepsPort: options.keepsPort ?? false,
        silentServerMs: phases * solicitationTransmissions * solicitationTimeoutMs,
      },
      random,
    );
    this.#probe = new PreferredServerProbe(random, options.probeIntervalMs);
    this.refreshIntervalMs = options.refreshIntervalMs ?? defaultRefreshIntervalMs;
    this.unreachable = options.unreachable ?? [];
    this.#servers = options.servers;
    this.#local = options.local;
    this.#flags = new FlagMemory(() => this.#drawFlags());
    this.#linkLocal = buildTeredoLinkLocal(0, options.local);
  }

  get state(): QualificationState {
    return this.#state;
  }

  /** Since when the connectivity status holds. */
  get since(): Milliseconds {
    return this.#since;
  }

  /** Why there is no address, also while it is tried again; undefined with an address, before the first failure, in a new network. */
  get lastFailure(): OfflineReason | undefined {
    return this.#lastFailure;
  }

  /** The server in use or next to be used. */
  get server(): TeredoServer {
    return this.#servers[this.#schedule.current]!;
  }

  /** The address and what belongs to it; undefined unless qualified. */
  get assignment(): Assignment | undefined {
    return 'assignment' in this.#state ? this.#state.assignment : undefined;
  }

  /** Whether the NAT keeps the service port, as the last answer showed (RFC 6081 5.4.3); undefined before the first. */
  get isPortPreserving(): boolean | undefined {
    return this.#mappedPort === undefined ? undefined : this.#mappedPort === this.#local.port;
  }

  /** The link-local address that solicitations come from and advertisements must go to. */
  get linkLocal(): Ipv6Value {
    return this.#linkLocal;
  }

  /** When a datagram from the server's primary address and port 3544 last counted; -Infinity before the first. */
  get lastServerInteraction(): Milliseconds {
    return this.#lastInteraction;
  }

  start(now: Milliseconds): void {
    if (this.#state.kind !== 'initial') return;
    this.#lastFailure = undefined;
    this.#schedule.reset();
    this.#begin(now);
  }

  stop(now: Milliseconds): void {
    this.#loseAddress(now);
    this.#askNobody();
    this.#enter({ kind: 'initial' }, now);
  }

  /**
   * Local addresses or routes changed: off-line and unfinished attempts start anew with the first server, a mapping is
   * checked at once. `local` is the endpoint that datagrams leave from now.
   */
  networkChanged(now: Milliseconds, local: Ipv4Endpoint = this.#local): void {
    this.#local = local;
    this.#witnessFrom = now;
    this.#lastFailure = undefined;
    this.#schedule.restart(this.#servers.length, this.assignment === undefined ? 0 : this.#schedule.current);
    switch (this.#state.kind) {
      case 'initial':
        break;
      case 'soliciting-cone':
      case 'soliciting-primary':
      case 'soliciting-secondary':
      case 'off-line':
        this.#begin(now);
        break;
      case 'qualified':
      case 'refreshing':
        this.refresh(now);
        break;
      default:
        this.#state satisfies never;
    }
  }

  /** Datagrams leave from this port now, after `new-port-wanted`. Nothing else changed. */
  portChanged(port: number): void {
    this.#local = { ...this.#local, port };
  }

  /** Checks the mapping at once; of an address only. */
  refresh(now: Milliseconds): void {
    if (this.assignment !== undefined) this.#beginRefresh(this.assignment, now);
  }

  /**
   * Names resolve to other addresses now. An address or an attempt with a server that is still among them stays; a client
   * that is off-line tries at once.
   */
  replaceServers(servers: readonly TeredoServer[], now: Milliseconds): void {
    const { server } = this;
    const index = servers.findIndex((each) => each.primary === server.primary && each.secondary === server.secondary);
    const staysInUse = index >= 0 && this.#state.kind !== 'off-line';
    this.#servers = servers;
    this.#schedule.restart(servers.length, staysInUse ? index : 0);
    this.#probe.end();
    this.#substitutes.end();
    for (const primary of this.#renewalReported) {
      if (!servers.some((each) => each.primary === primary)) this.#renewalReported.delete(primary);
    }
    if (!staysInUse && this.#state.kind !== 'initial') this.#begin(now);
    else if (this.assignment !== undefined) this.#lookForPreferred(now);
  }

  /**
   * Any good datagram from the server's primary address and port 3544 shows that the mapping towards it lives (RFC 4380
   * 5.2.3). One assignment, since it may be called per packet: the deadline is corrected when it is reached.
   */
  noteServerInteraction(now: Milliseconds): void {
    this.#lastInteraction = now;
  }

  nextDeadline(): Milliseconds {
    const ownDeadline = this.#state.kind === 'initial' ? Number.POSITIVE_INFINITY : this.#state.deadline;
    return Math.min(ownDeadline, this.#probe.nextDeadline());
  }

  handleDeadline(now: Milliseconds): void {
    const probe = this.#probe.handleDeadline(now);
    if (probe !== undefined) this.#sender.send(probe.server, this.#linkLocal, probe.nonce);
    const state = this.#state;
    if (state.kind === 'initial' || now < state.deadline) return;
    if (state.kind === 'refreshing') {
      this.#refreshOn(state, now);
      return;
    }
    const isLastSilent = 'transmissions' in state && state.transmissions >= solicitationTransmissions;
    switch (state.kind) {
      case 'soliciting-cone':
        if (isLastSilent) this.#beginPhase(0, now);
        else this.#transmit({ ...state, ...nextTransmission(state.transmissions, now) }, now);
        break;
      case 'soliciting-primary':
        if (isLastSilent) this.#goOffline(this.#silence, now);
        else this.#transmit({ ...state, ...nextTransmission(state.transmissions, now) }, now);
        break;
      case 'soliciting-secondary':
        if (isLastSilent) this.#goOffline(this.#hasRoute ? 'secondary-silent' : 'no-route', now);
        else this.#transmit({ ...state, ...nextTransmission(state.transmissions, now) }, now);
        break;
      case 'qualified':
        this.#refreshIfSilent(state.assignment, state.deadline, now);
        break;
      case 'off-line':
        this.#begin(now);
        break;
      default:
        state satisfies never;
    }
  }

  /**
   * A datagram whose packet is an ICMPv6 router advertisement. Answers why it is dropped, or undefined when it was an
   * answer to a solicitation of ours and did its work. A dropped one changes nothing.
   */
  handleAdvertisement(run: DatagramRun, layout: DatagramLayout, now: Milliseconds): DropReason | undefined {
    const substitute = this.#substitutes.respondingAt(run.sourceAddress, (server) => this.#respondentOf(server));
    const { asked } = this.#probe;
    if (asked !== undefined && run.sourceAddress === this.#respondentOf(asked)) {
      const reason = this.#handleProbed(asked, run, layout, now);
      if (substitute === undefined || reason !== 'nonce-mismatch') return reason;
    }
    if (substitute !== undefined) return this.#handleSubstitute(substitute, run, layout);
    const state = this.#state;
    const { server } = this;
    const isSecond = state.kind === 'soliciting-secondary';
    const respondent = isSecond ? server.secondary : this.#respondentOf(server);
    const learned = this.#judge(run, layout, server, respondent, this.#nonces);
    if (typeof learned === 'string') return learned;
    this.#nonces.clear();
    if (!isSecond) {
      this.noteServerInteraction(now);
      this.#mappedPort = learned.mapped.port;
    }
    this.#learn(state, learned, now);
    return undefined;
  }

  /**
   * Who answers a solicitation to the primary address: with the cone bit set, the other address, whose answer only a cone NAT
   * lets in. The primary one's would show nothing.
   */
  #respondentOf(server: TeredoServer): Ipv4Value {
    return this.#cone === 0 ? server.primary : server.secondary;
  }

  #judge(
    run: DatagramRun,
    layout: DatagramLayout,
    server: TeredoServer,
    respondent: Ipv4Value,
    nonces: OutstandingNonces,
  ): Learned | DropReason {
    const judged = judgeAdvertisement(run, layout, {
      respondent,
      linkLocal: this.#linkLocal,
      nonces,
      authenticator: this.#authenticator,
      servicePrefix: this.#servicePrefix,
      primary: server.primary,
      maximumMtu: this.#options.maximumMtu ?? defaultLinkMtu,
    });
    if (typeof judged !== 'string' && judged.renewKey && !this.#renewalReported.has(server.primary)) {
      this.#renewalReported.add(server.primary);
      this.#outputs.report({ kind: 'renew-key', server: server.primary });
    }
    return judged;
  }

  #handleSubstitute(substitute: Substitute, run: DatagramRun, layout: DatagramLayout): DropReason | undefined {
    const { server, nonces } = substitute;
    const learned = this.#judge(run, layout, server, this.#respondentOf(server), nonces);
    if (typeof learned === 'string') return learned;
    nonces.clear();
    substitute.seen = learned;
    return undefined;
  }

  /**
   * A preferred server is back. When it sees the mapping that the server in use sees, the NAT is not symmetric and the
   * mapping is good for its address too: the client changes over without a gap. Else the address in use stays.
   */
  #handleProbed(
    asked: TeredoServer,
    run: DatagramRun,
    layout: DatagramLayout,
    now: Milliseconds,
  ): DropReason | undefined {
    const learned = this.#judge(run, layout, asked, this.#respondentOf(asked), this.#probe.nonces);
    if (typeof learned === 'string') return learned;
    const { assignment } = this;
    if (assignment === undefined || !sameEndpoint(assignment.mapped, learned.mapped)) {
      this.#probe.noteUseless(now);
    } else if (this.#probe.noteAnswer(now)) {
      const instead = assignment.server.primary;
      this.#outputs.report({ kind: 'server-back', server: asked.primary, instead });
      this.#changeOver(this.#probe.index, learned, now);
    }
    return undefined;
  }

  /** To a server that sees the mapping of the address in use. */
  #changeOver(index: number, { mapped, mtu }: Learned, now: Milliseconds): void {
    this.#loseAddress(now);
    this.#askNobody();
    this.#schedule.restart(this.#servers.length, index);
    this.noteServerInteraction(now);
    this.#assign(mapped, mtu, now);
  }

  #askNobody(): void {
    this.#probe.end();
    this.#substitutes.end();
    this.#nonces.clear();
    this.#isSilenceReported = false;
  }

  #lookForPreferred(now: Milliseconds): void {
    this.#probe.begin(this.#servers.slice(0, this.#schedule.current), now);
  }

  get #servicePrefix(): number {
    return this.#options.servicePrefix ?? teredoServicePrefix;
  }

  #learn(state: QualificationState, learned: Learned, now: Milliseconds): void {
    switch (state.kind) {
      case 'initial':
      case 'qualified':
      case 'off-line':
        // No nonce is outstanding in these states, so no advertisement is valid.
        break;
      case 'soliciting-cone':
        this.#assign(learned.mapped, learned.mtu, now);
        break;
      case 'soliciting-primary':
        if (this.#options.policy.isGlobalUnicast(learned.mapped.address)) this.#beginSecondary(learned, now);
        else this.#goOffline('mapped-not-global', now);
        break;
      case 'soliciting-secondary':
        if (sameEndpoint(state.mapped, learned.mapped)) this.#assign(state.mapped, state.mtu, now);
        else this.#goOffline('symmetric', now);
        break;
      case 'refreshing':
        this.#substitutes.end();
        if (this.#isSilenceReported) this.#outputs.report({ kind: 'server-heard', server: this.server.primary });
        this.#isSilenceReported = false;
        if (sameEndpoint(state.assignment.mapped, learned.mapped)) {
          this.#settle(state.assignment, now);
        } else {
          this.#loseAddress(now);
          this.#assign(learned.mapped, learned.mtu, now);
        }
        break;
      default:
        state satisfies never;
    }
  }

  /** Without the cone bit, which the phase decides. */
  #drawFlags(): number {
    return this.#options.randomFlags === false ? 0 : drawFlags(this.#random);
  }

  /** Starts the procedure with the current server. */
  #begin(now: Milliseconds): void {
    this.#loseAddress(now);
    this.#askNobody();
    if (!this.#hasRoute) {
      this.#goOffline('no-route', now);
      return;
    }
    this.#outputs.report({ kind: 'qualification-started', server: this.server.primary });
    this.#beginPhase(this.#options.trustsConeBit === true ? teredoFlags.cone : 0, now);
  }

  #beginPhase(cone: number, now: Milliseconds): void {
    this.#cone = cone;
    this.#linkLocal = buildTeredoLinkLocal(this.#drawFlags() | cone, this.#local);
    this.#nonces.clear();
    const kind = cone === 0 ? 'soliciting-primary' : 'soliciting-cone';
    this.#transmit({ kind, ...nextTransmission(0, now) }, now);
  }

  /** Whether a server is silent, or knows this client not or by another secret, cannot be told apart. */
  get #silence(): OfflineReason {
    if (!this.#hasRoute) return 'no-route';
    return this.#authenticator === undefined ? 'server-silent' : 'no-authenticated-answer';
  }

  get #hasRoute(): boolean {
    return !this.unreachable.includes(this.server.primary);
  }

  #beginSecondary(learned: Learned, now: Milliseconds): void {
    this.#transmit({ kind: 'soliciting-secondary', ...nextTransmission(0, now), ...learned }, now);
  }

  #beginRefresh(assignment: Assignment, now: Milliseconds): void {
    this.#nonces.clear();
    this.#substitutes.end();
    this.#transmitRefresh(assignment, now, 1, now);
  }

  /** The last solicitation of a refresh was not answered in time. */
  #refreshOn(
    { assignment, since, transmissions }: Extract<QualificationState, { kind: 'refreshing' }>,
    now: Milliseconds,
  ): void {
    if (transmissions >= refreshTransmissions) {
      const instead = this.#substitutes.seeing(assignment.mapped);
      if (instead?.seen !== undefined) {
        const server = instead.server.primary;
        this.#outputs.report({ kind: 'server-replaced', server, instead: assignment.server.primary });
        this.#changeOver(instead.index, instead.seen, now);
        return;
      }
      if (!this.#isHeard(since, now)) {
        this.#goOffline(this.#silence, now);
        return;
      }
      this.#reportSilence(assignment);
    }
    this.#transmitRefresh(assignment, since, transmissions + 1, now);
  }

  #transmitRefresh(assignment: Assignment, since: Milliseconds, transmissions: number, now: Milliseconds): void {
    const spacing = transmissions <= refreshTransmissions ? refreshSpacingMs : slowRefreshSpacingMs;
    this.#transmit({ kind: 'refreshing', assignment, since, transmissions, deadline: now + spacing }, now);
    if (transmissions < substitutesFromTransmission) return;
    this.#substitutes.begin(this.#servers, this.#schedule.current);
    this.#substitutes.ask(this.#random, (server, nonce) => {
      this.#sender.send(server.primary, this.#linkLocal, nonce);
    });
  }

  /** Whether anybody shows that the mapping lives: a peer, or the server by other datagrams than answers. */
  #isHeard(since: Milliseconds, now: Milliseconds): boolean {
    const peerAt = this.#options.witness?.lastReceptionAt ?? Number.NEGATIVE_INFINITY;
    if (peerAt >= this.#witnessFrom && now - peerAt < peerWitnessMs) return true;
    return this.#lastInteraction > since && now - this.#lastInteraction < peerWitnessMs;
  }

  #reportSilence({ server, address }: Assignment): void {
    if (this.#isSilenceReported) return;
    this.#isSilenceReported = true;
    this.#outputs.report({ kind: 'server-unheard', server: server.primary, address });
  }

  #refreshIfSilent(assignment: Assignment, deadline: Milliseconds, now: Milliseconds): void {
    // The deadline was set without knowledge of what the server sent since.
    const due = this.#lastInteraction + this.#drawRefreshInterval();
    if (deadline - this.#lastInteraction < this.refreshIntervalMs * shortestRefreshShare && due > now) {
      this.#enter({ kind: 'qualified', assignment, deadline: due }, now);
    } else {
      this.#beginRefresh(assignment, now);
    }
  }

  #transmit(state: QualificationState, now: Milliseconds): void {
    this.#enter(state, now);
    const { primary, secondary } = this.server;
    const respondent: Ipv4Value = state.kind === 'soliciting-secondary' ? secondary : primary;
    this.#sender.send(respondent, this.#linkLocal, this.#nonces.draw(this.#random));
  }

  #assign(mapped: Ipv4Endpoint, mtu: number, now: Milliseconds): void {
    const { server } = this;
    const address = buildTeredoAddress({
      server: server.primary,
      flags: this.#flags.flagsFor(server.primary, mapped) | this.#cone,
      mapped,
      policy: this.#options.policy,
      servicePrefix: this.#servicePrefix,
    });
    if (address === undefined) {
      this.#goOffline('mapped-not-global', now);
      return;
    }
    const behind: NatClass = this.#cone === 0 ? 'restricted' : 'cone';
    const nat: NatClass = sameEndpoint(mapped, this.#local) ? 'none' : behind;
    this.#schedule.reset();
    this.#lastFailure = undefined;
    this.#settle({ server, address, mapped, nat, mtu }, now);
    this.#outputs.report({ kind: 'address-assigned', address, mapped, server: server.primary, nat, mtu });
    this.#lookForPreferred(now);
  }

  #settle(assignment: Assignment, now: Milliseconds): void {
    this.#enter({ kind: 'qualified', assignment, deadline: this.#lastInteraction + this.#drawRefreshInterval() }, now);
  }

  #drawRefreshInterval(): Milliseconds {
    const share = shortestRefreshShare + (1 - shortestRefreshShare) * drawShare(this.#random);
    return Math.round(this.refreshIntervalMs * share);
  }

  #goOffline(reason: OfflineReason, now: Milliseconds): void {
    const isAddressLost = this.assignment !== undefined;
    this.#loseAddress(now);
    this.#askNobody();
    const { primary: server, secondary } = this.server;
    const retryInMs = this.#schedule.fail(showsServer[reason]);
    this.#lastFailure = reason;
    this.#enter({ kind: 'off-line', reason, deadline: now + retryInMs }, now);
    const silent = reason === 'secondary-silent' ? { secondary } : {};
    this.#outputs.report({ kind: 'off-line', reason, server, ...silent, retryInMs });
    const isRoundOver = retryInMs > 0;
    const isPortDoubtful = reason !== 'no-route' && (isRoundOver || isAddressLost);
    if (isPortDoubtful && this.#options.keepsPort !== true) this.#outputs.report({ kind: 'new-port-wanted' });
  }

  #loseAddress(now: Milliseconds): void {
    const { assignment } = this;
    if (assignment === undefined) return;
    // Out of the way before the report, so that whoever hears it finds no address here any more.
    this.#enter({ kind: 'initial' }, now);
    this.#outputs.report({ kind: 'address-lost', address: assignment.address });
  }

  #enter(state: QualificationState, now: Milliseconds): void {
    if (connectivityStatus(state) !== connectivityStatus(this.#state)) this.#since = now;
    this.#state = state;
  }
}

/** Whether a server answered, and this host's NAT is what does not fit. */
const showsServer: Readonly<Record<OfflineReason, boolean>> = {
  'no-route': false,
  'server-silent': false,
  'no-authenticated-answer': false,
  'secondary-silent': false,
  symmetric: true,
  'mapped-not-global': true,
};

function nextTransmission(earlier: number, now: Milliseconds): { transmissions: number; deadline: Milliseconds } {
  return { transmissions: earlier + 1, deadline: now + solicitationTimeoutMs };
}

function sameEndpoint(left: Ipv4Endpoint, right: Ipv4Endpoint): boolean {
  return left.address === right.address && left.port === right.port;
}

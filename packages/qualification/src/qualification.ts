import { type Ipv4Endpoint, type Ipv4Value, type Ipv6Value, ipv4EndpointEquals, teredoFlags } from '@navalis/address';
import type { Counters, DatagramRun, DropReason, Milliseconds, OfflineReason, RandomSource } from '@navalis/engine';
import type { DatagramLayout } from '@navalis/wire';
import { AddressMaker } from './address/address-maker.ts';
import { refreshSpacing, refreshTransmissions, substitutesFromTransmission } from './choices.ts';
import { solicitationTransmissions } from './constants.ts';
import { MappingLife } from './mapping-life.ts';
import type { QualificationOptions, QualificationOutputs, TeredoServer } from './options.ts';
import { offlineEvent } from './servers/offline-event.ts';
import { OtherServers, type Replacement } from './servers/other-servers.ts';
import { ServerList } from './servers/server-list.ts';
import { SilenceReport } from './silence-report.ts';
import type { Learned } from './solicitation/advertisement.ts';
import { EchoSolicitor } from './solicitation/echo-solicitor.ts';
import { Solicitor } from './solicitation/solicitor.ts';
import {
  type Assignment,
  connectivityStatus,
  isSoliciting,
  nextTransmission,
  type QualificationState,
} from './state.ts';

/**
 * Gets a client its Teredo address and keeps it (RFC 4380 5.2.1 and 5.2.5 as changed by RFC 5991). Holds one state, the
 * nonces of one phase and one datagram; nothing grows.
 */
export class Qualification {
  readonly echo: EchoSolicitor;
  readonly #options: QualificationOptions;
  readonly #outputs: QualificationOutputs;
  readonly #solicitor: Solicitor;
  readonly #servers: ServerList;
  readonly #addresses: AddressMaker;
  readonly #others: OtherServers;
  readonly #life: MappingLife;
  #local: Ipv4Endpoint;
  #state: QualificationState = { kind: 'initial' };
  #since: Milliseconds = 0;
  /** The mapped port in the last answer from a server's primary address. */
  #mappedPort: number | undefined;
  readonly #silence: SilenceReport;
  #lastFailure: OfflineReason | undefined;

  constructor(options: QualificationOptions, outputs: QualificationOutputs, counters: Counters, random: RandomSource) {
    this.#options = options;
    this.#outputs = outputs;
    this.#solicitor = new Solicitor(options, outputs, counters, random);
    this.#servers = new ServerList(options, random);
    const { policy, probeIntervalMs } = options;
    this.#others = new OtherServers(this.#servers, this.#solicitor, random, { policy, probeIntervalMs, outputs });
    this.#addresses = new AddressMaker(options, random);
    this.#life = new MappingLife(options, random);
    this.#silence = new SilenceReport(outputs);
    this.#local = options.local;
    this.echo = new EchoSolicitor(this.#servers, this.#solicitor);
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
    return this.#servers.inUse;
  }

  /** The address and what belongs to it; undefined unless qualified. */
  get assignment(): Assignment | undefined {
    return 'assignment' in this.#state ? this.#state.assignment : undefined;
  }

  /** Returns true if the NAT keeps the service port, by the last answer (RFC 6081 5.4.3); undefined before the first. */
  get isPortPreserving(): boolean | undefined {
    return this.#mappedPort === undefined ? undefined : this.#mappedPort === this.#local.port;
  }

  /** The link-local address that solicitations come from and advertisements must go to. */
  get linkLocal(): Ipv6Value {
    return this.#solicitor.linkLocal;
  }

  /** Returns the time of the last accepted datagram from the server's primary address and port 3544; -Infinity before the first. */
  get lastServerInteraction(): Milliseconds {
    return this.#life.lastServerInteraction;
  }

  /** Returns the longest time between refreshes of the mapping. */
  get refreshIntervalMs(): Milliseconds {
    return this.#life.refreshIntervalMs;
  }

  set refreshIntervalMs(ms: Milliseconds) {
    this.#life.refreshIntervalMs = ms;
  }

  /** Primary addresses of servers that this host has no route to: nothing is sent for an address there. */
  set unreachable(servers: readonly Ipv4Value[]) {
    this.#servers.unreachable = servers;
  }

  start(now: Milliseconds): void {
    if (this.#state.kind !== 'initial') return;
    this.#lastFailure = undefined;
    this.#servers.forgetFailures();
    this.#begin(now);
  }

  stop(now: Milliseconds): void {
    this.#loseAddress(now);
    this.#askNobody();
    this.#enter({ kind: 'initial' }, now);
  }

  /**
   * Local addresses or routes changed: off-line and unfinished attempts start again with the first server, a mapping is
   * checked at once, and if it is another one the whole procedure runs. `local` is the endpoint that datagrams leave from now.
   */
  networkChanged(now: Milliseconds, local: Ipv4Endpoint = this.#local): void {
    this.#local = local;
    this.#life.networkChanged(now);
    this.#lastFailure = undefined;
    this.#servers.use(this.assignment === undefined ? 0 : this.#servers.index);
    if (this.assignment !== undefined) this.refresh(now);
    else if (this.#state.kind !== 'initial') this.#begin(now);
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
    this.#servers.replace(servers);
    const index = this.#servers.indexOf(server);
    const staysInUse = index >= 0 && this.#state.kind !== 'off-line';
    this.#servers.use(staysInUse ? index : 0);
    this.#others.end();
    this.#solicitor.keepOnly(servers);
    if (!staysInUse && this.#state.kind !== 'initial') this.#begin(now);
    else if (this.assignment !== undefined) this.#others.probePreferred(now);
  }

  /**
   * Any good datagram from the server's primary address and port 3544 shows that the mapping towards it lives (RFC 4380
   * 5.2.3). One assignment, since it may be called per packet: the deadline is corrected when it is reached.
   */
  recordServerInteraction(now: Milliseconds): void {
    this.#life.lastServerInteraction = now;
  }

  nextDeadline(): Milliseconds {
    const ownDeadline = this.#state.kind === 'initial' ? Number.POSITIVE_INFINITY : this.#state.deadline;
    return Math.min(ownDeadline, this.#others.nextDeadline());
  }

  handleDeadline(now: Milliseconds): void {
    this.#others.handleDeadline(now);
    const state = this.#state;
    if (state.kind === 'initial' || now < state.deadline) return;
    if (isSoliciting(state) && state.transmissions < solicitationTransmissions) {
      this.#transmit({ ...state, ...nextTransmission(state.transmissions, now) }, now);
      return;
    }
    switch (state.kind) {
      case 'soliciting-cone':
        this.#beginPhase(0, now);
        break;
      case 'soliciting-primary':
        this.#goOffline(this.#silenceReason, now);
        break;
      case 'soliciting-secondary':
        this.#goOffline(this.#servers.hasRoute ? 'secondary-silent' : 'no-route', now);
        break;
      case 'qualified':
        this.#refreshIfSilent(state.assignment, state.deadline, now);
        break;
      case 'refreshing':
        this.#refreshOn(state, now);
        break;
      case 'off-line':
        this.#begin(now);
        break;
      default:
        state satisfies never;
    }
  }

  /** Handles a router advertisement; returns why it is dropped, and then it changes nothing. */
  handleAdvertisement(run: DatagramRun, layout: DatagramLayout, now: Milliseconds): DropReason | undefined {
    const other = this.#others.handleAdvertisement(run, layout, this.assignment, now);
    const state = this.#state;
    if (other !== undefined) {
      if (other.preferred !== undefined) this.#changeOver('server-back', other.preferred, now);
      if (other.fastest !== undefined) this.#accept(state, other.fastest, now);
      return other.dropReason;
    }
    const { server } = this;
    const respondent = state.kind === 'soliciting-secondary' ? server.secondary : this.#solicitor.respondentOf(server);
    const learned = this.#solicitor.judge(run, layout, { server, respondent, nonces: this.#solicitor.nonces });
    if (typeof learned === 'string') return learned;
    this.#accept(state, learned, now);
    return undefined;
  }

  /** Takes a valid answer of the server in use. */
  #accept(state: QualificationState, learned: Learned, now: Milliseconds): void {
    this.#solicitor.nonces.clear();
    if (state.kind !== 'soliciting-secondary') {
      this.recordServerInteraction(now);
      this.#mappedPort = learned.mapped.port;
    }
    this.#learn(state, learned, now);
  }

  /** To a server that sees a mapping which is good for an address from it. */
  #changeOver(kind: 'server-back' | 'server-replaced', to: Replacement, now: Milliseconds): void {
    this.#outputs.report({ kind, server: to.server.primary, instead: this.server.primary });
    this.#loseAddress(now);
    this.#askNobody();
    this.#servers.use(to.index);
    this.recordServerInteraction(now);
    this.#assign(to.learned, now);
  }

  #askNobody(): void {
    this.#others.end();
    this.#solicitor.nonces.clear();
    this.#silence.forget();
  }

  #learn(state: QualificationState, learned: Learned, now: Milliseconds): void {
    switch (state.kind) {
      case 'initial':
      case 'qualified':
      case 'off-line':
        // No nonce is outstanding in these states, so no advertisement is valid.
        break;
      case 'soliciting-cone':
        this.#assign(learned, now);
        break;
      case 'soliciting-primary':
        if (this.#options.policy.isGlobalUnicast(learned.mapped.address)) {
          this.#transmit({ kind: 'soliciting-secondary', ...nextTransmission(0, now), ...learned }, now);
        } else {
          this.#goOffline('mapped-not-global', now);
        }
        break;
      case 'soliciting-secondary':
        if (this.#addresses.accepts(state.mapped, learned.mapped)) this.#assign(state, now);
        else this.#goOffline('symmetric', now);
        break;
      case 'refreshing':
        this.#others.endSubstitutes();
        this.#silence.end(this.server);
        if (ipv4EndpointEquals(state.assignment.mapped, learned.mapped)) this.#settle(state.assignment, now);
        else if (this.#life.isNatDoubtful) this.#begin(now);
        else {
          this.#loseAddress(now);
          this.#assign(learned, now);
        }
        break;
      default:
        state satisfies never;
    }
  }

  /** Starts the procedure with the current server. */
  #begin(now: Milliseconds): void {
    this.#loseAddress(now);
    this.#askNobody();
    if (!this.#servers.hasRoute) {
      this.#goOffline('no-route', now);
      return;
    }
    this.#outputs.report({ kind: 'qualification-started', server: this.server.primary });
    this.#beginPhase(this.#options.trustsConeBit === true ? teredoFlags.cone : 0, now);
  }

  #beginPhase(cone: number, now: Milliseconds): void {
    this.#solicitor.beginPhase(cone, this.#local);
    this.#others.beginRace();
    const kind = cone === 0 ? 'soliciting-primary' : 'soliciting-cone';
    this.#transmit({ kind, ...nextTransmission(0, now) }, now);
  }

  /** Returns the reason of silence: with a secret, a silent server and one with another secret look the same. */
  get #silenceReason(): OfflineReason {
    if (!this.#servers.hasRoute) return 'no-route';
    return this.#solicitor.isAuthenticated ? 'no-authenticated-answer' : 'server-silent';
  }

  #beginRefresh(assignment: Assignment, now: Milliseconds): void {
    this.#solicitor.nonces.clear();
    this.#others.endSubstitutes();
    this.#transmitRefresh(assignment, now, 1, now);
  }

  /** The last solicitation of a refresh was not answered in time. */
  #refreshOn(
    { assignment, since, transmissions }: Extract<QualificationState, { kind: 'refreshing' }>,
    now: Milliseconds,
  ): void {
    const isOver = transmissions >= refreshTransmissions;
    const substitute = isOver ? this.#others.substituteFor(assignment) : undefined;
    if (substitute !== undefined) {
      this.#changeOver('server-replaced', substitute, now);
    } else if (isOver && !this.#life.isShownAlive(since, now)) {
      this.#goOffline(this.#silenceReason, now);
    } else {
      if (isOver) this.#silence.begin(assignment);
      this.#transmitRefresh(assignment, since, transmissions + 1, now);
    }
  }

  #transmitRefresh(assignment: Assignment, since: Milliseconds, transmissions: number, now: Milliseconds): void {
    const deadline = now + refreshSpacing(transmissions);
    this.#transmit({ kind: 'refreshing', assignment, since, transmissions, deadline }, now);
    if (transmissions >= substitutesFromTransmission) this.#others.askForSubstitutes();
  }

  #refreshIfSilent(assignment: Assignment, deadline: Milliseconds, now: Milliseconds): void {
    const postponed = this.#life.postponed(deadline, now);
    if (postponed !== undefined) this.#enter({ kind: 'qualified', assignment, deadline: postponed }, now);
    else this.#beginRefresh(assignment, now);
  }

  #transmit(state: QualificationState, now: Milliseconds): void {
    this.#enter(state, now);
    const { primary, secondary } = this.server;
    if (this.#others.isRacing) this.#others.askRacers(now);
    else this.#solicitor.solicit(state.kind === 'soliciting-secondary' ? secondary : primary);
  }

  #assign(learned: Pick<Learned, 'mapped' | 'mtu'>, now: Milliseconds): void {
    const { cone } = this.#solicitor;
    const assignment = this.#addresses.make({ server: this.server, learned, local: this.#local, cone });
    if (assignment === undefined) {
      this.#goOffline('mapped-not-global', now);
      return;
    }
    this.#servers.forgetFailures();
    this.#lastFailure = undefined;
    this.#settle(assignment, now);
    const { server, address, mapped, nat, mtu } = assignment;
    this.#outputs.report({ kind: 'address-assigned', address, mapped, server: server.primary, nat, mtu });
    this.#others.probePreferred(now);
  }

  #settle(assignment: Assignment, now: Milliseconds): void {
    this.#enter({ kind: 'qualified', assignment, deadline: this.#life.settle() }, now);
  }

  #goOffline(reason: OfflineReason, now: Milliseconds): void {
    const isAddressLost = this.assignment !== undefined;
    const { server } = this;
    const retryInMs = this.#servers.fail(reason, this.#others.isRacing);
    this.#loseAddress(now);
    this.#askNobody();
    this.#lastFailure = reason;
    this.#enter({ kind: 'off-line', reason, deadline: now + retryInMs }, now);
    this.#outputs.report(offlineEvent(reason, server, retryInMs));
    const isRoundOver = retryInMs > 0;
    const isPortDoubtful = reason !== 'no-route' && (isRoundOver || isAddressLost);
    if (isPortDoubtful && this.#options.keepsPort !== true) this.#outputs.report({ kind: 'new-port-wanted' });
  }

  #loseAddress(now: Milliseconds): void {
    const { assignment } = this;
    if (assignment === undefined) return;
    // Cleared before the report, so that its receivers find no address here any more.
    this.#enter({ kind: 'initial' }, now);
    this.#outputs.report({ kind: 'address-lost', address: assignment.address });
  }

  #enter(state: QualificationState, now: Milliseconds): void {
    if (connectivityStatus(state) !== connectivityStatus(this.#state)) this.#since = now;
    this.#state = state;
  }
}

import type { Ipv4Endpoint, Ipv4Value } from '@navalis/address';
import { type DropReason, type Milliseconds, RateLimit, type TurnFailure } from '@navalis/engine';
import { stunClasses } from '../stun/constants.ts';
import type { StunLayout } from '../stun/stun-layout.ts';
import { Channels, noChannel } from './channels.ts';
import {
  checkSpacingMs,
  permissionsPerSecond,
  refreshMarginMs,
  reportAfterMs,
  requestedLifetime,
  silenceMs,
} from './choices.ts';
import { noRow } from './endpoint-rows.ts';
import { asksForCredentials, failureOf, turnErrors } from './failures.ts';
import { Permissions } from './permissions.ts';
import { methodOf, RequestWriter } from './request-writer.ts';
import { ServerRotation, type TurnServer } from './server-rotation.ts';
import { type Transaction, Transactions, type TurnRequest } from './transactions.ts';
import type { TurnClientOutputs, TurnClientParts } from './turn-client-parts.ts';
import { TurnSession } from './turn-session.ts';

export type TurnState = 'stopped' | 'allocating' | 'ready' | 'waiting';

/**
 * The client side of TURN (RFC 8656) for one allocation at a time: asks for it, keeps it with its permissions and channels, and
 * replaces it when it is lost. Knows no socket and no clock.
 */
export class TurnClient {
  readonly permissions: Permissions;
  readonly channels: Channels;
  readonly #parts: TurnClientParts;
  readonly #outputs: TurnClientOutputs;
  readonly #transactions: Transactions;
  readonly #session: TurnSession;
  readonly #writer: RequestWriter;
  readonly #rotation: ServerRotation;
  readonly #newPermissions: RateLimit = new RateLimit(permissionsPerSecond);
  #state: TurnState = 'stopped';
  #relayed: Ipv4Endpoint | undefined;
  #failure: TurnFailure | undefined;
  #retryAt: Milliseconds = Number.POSITIVE_INFINITY;
  /** When to report that the server has not answered yet. */
  #reportAt: Milliseconds = Number.POSITIVE_INFINITY;
  #refreshAt: Milliseconds = Number.POSITIVE_INFINITY;
  #renewalAt: Milliseconds = Number.POSITIVE_INFINITY;
  /** Since when datagrams went out and none came in; Infinity while none is expected. */
  #unansweredSince: Milliseconds = Number.POSITIVE_INFINITY;
  #checkedAt: Milliseconds = Number.NEGATIVE_INFINITY;

  constructor(parts: TurnClientParts, outputs: TurnClientOutputs) {
    this.#parts = parts;
    this.#outputs = outputs;
    this.#transactions = new Transactions(parts.random);
    this.#session = new TurnSession(parts.credentials);
    this.permissions = new Permissions(parts.random);
    this.channels = new Channels(parts.random);
    this.#writer = new RequestWriter(this.#session, this.channels);
    this.#rotation = new ServerRotation(parts.servers, parts.policy);
  }

  get state(): TurnState {
    return this.#state;
  }

  get server(): TurnServer {
    return this.#rotation.current;
  }

  /** The endpoint that datagrams for the server go to, and come from. */
  get remote(): Ipv4Endpoint {
    return this.#rotation.remote;
  }

  get relayed(): Ipv4Endpoint | undefined {
    return this.#relayed;
  }

  /** The reason of the last failure; undefined while there is an allocation. */
  get failure(): TurnFailure | undefined {
    return this.#failure;
  }

  start(now: Milliseconds): void {
    this.#allocate(now);
  }

  /** Ends the allocation, in one message that nobody waits for. */
  stop(): void {
    if (this.#state === 'ready') this.#end();
    this.#forget();
    this.#state = 'stopped';
    this.#retryAt = Number.POSITIVE_INFINITY;
  }

  /** Asks whether the allocation still exists, after a change of the network; while waiting, asks for one at once. */
  networkChanged(now: Milliseconds): void {
    if (this.#state === 'ready') this.#check(now, true);
    else if (this.#state !== 'stopped') this.#allocate(now);
  }

  /** Replaces the servers, at least one. An allocation stays while its server keeps it; without one the first is next. */
  replaceServers(servers: readonly TurnServer[]): void {
    this.#rotation.replace(servers, this.#state !== 'waiting');
  }

  /** Notes that datagrams go out through the allocation. */
  recordSending(now: Milliseconds): void {
    if (this.#unansweredSince === Number.POSITIVE_INFINITY) this.#unansweredSince = now;
  }

  /** Notes that a datagram came in through the allocation. */
  recordReception(): void {
    this.#unansweredSince = Number.POSITIVE_INFINITY;
  }

  /** Asks for a permission; returns the reason when it cannot be asked for now. */
  permit(address: Ipv4Value, now: Milliseconds): DropReason | undefined {
    if (!this.#transactions.hasRoom || !this.#newPermissions.take(now)) return 'turn-permission-limit';
    if (!this.permissions.ask(address, now)) return 'turn-permission-limit';
    this.#send({ kind: 'permit', address }, now);
    return undefined;
  }

  /** Asks for a channel for a row of `channels`. */
  bind(row: number, now: Milliseconds): void {
    if (!this.#transactions.hasRoom) return;
    const channel = this.channels.ask(row, now);
    if (channel !== noChannel) this.#send({ kind: 'bind', row, channel }, now);
  }

  nextDeadline(): Milliseconds {
    if (this.#state === 'stopped') return Number.POSITIVE_INFINITY;
    const own = Math.min(this.#retryAt, this.#reportAt, this.#transactions.nextAt);
    // The times of an allocation count once it is ready, however short its lifetime.
    if (this.#state !== 'ready') return own;
    const check = Math.max(this.#unansweredSince + silenceMs, this.#checkedAt + checkSpacingMs);
    // Without room a renewal waits for the end of a transaction.
    const renewal = this.#transactions.hasRoom ? this.#renewalAt : Number.POSITIVE_INFINITY;
    return Math.min(own, this.#refreshAt, renewal, check);
  }

  handleDeadline(now: Milliseconds): void {
    const givenUp = this.#transactions.handleDeadline(now, (message) => this.#outputs.transmit(message, this.remote));
    if (givenUp !== undefined) this.#handleSilence(givenUp.request, now);
    if (this.#reportAt <= now) this.#reportSilence();
    if (this.#retryAt <= now) this.#allocate(now);
    if (this.#state !== 'ready') return;
    if (this.#refreshAt <= now) this.#refresh(now);
    if (this.#renewalAt <= now) this.#renew(now);
    if (now - this.#unansweredSince >= silenceMs && now - this.#checkedAt >= checkSpacingMs) this.#check(now);
  }

  /** Handles a response of the server; returns the reason when it is none. */
  handleResponse(bytes: Uint8Array, layout: StunLayout, now: Milliseconds): DropReason | undefined {
    const transaction = this.#transactions.find(bytes, layout);
    const isError = layout.messageClass === stunClasses.error;
    const isResponse = isError || layout.messageClass === stunClasses.success;
    if (transaction === undefined || !isResponse || layout.method !== methodOf(transaction.request)) {
      return 'unexpected-turn-message';
    }
    const isChallenge = isError && asksForCredentials(layout.errorCode);
    const isBelieved = !transaction.isSigned || isChallenge || this.#session.isAuthentic(bytes, layout);
    if (!isBelieved) return 'unexpected-turn-message';
    this.#transactions.end(transaction);
    this.#reportAt = Number.POSITIVE_INFINITY;
    if (!isError && layout.unknownRequired === 0) {
      this.#handleSuccess(transaction.request, layout, now);
    } else if (!isChallenge || !this.#repeat(transaction, bytes, layout, now)) {
      this.#handleError(transaction.request, layout, now);
    }
    return undefined;
  }

  /** Sends a request again with what a challenge asks for; false when that was tried or makes no sense. */
  #repeat(transaction: Transaction, bytes: Uint8Array, layout: StunLayout, now: Milliseconds): boolean {
    const isNew = !transaction.isSigned || !this.#session.isNonce(layout.nonce.copyFrom(bytes));
    if (transaction.isRepeated || !isNew || !this.#session.challenge(bytes, layout)) return false;
    this.#send(transaction.request, now, transaction.isSigned);
    return true;
  }

  #send(request: TurnRequest, now: Milliseconds, isRepeated = false): void {
    const id = this.#transactions.newId();
    const octets = this.#writer.write(request, id);
    this.#transactions.begin(request, { id, octets, isSigned: this.#session.isChallenged }, isRepeated, now);
    this.#outputs.transmit(octets, this.remote);
  }

  #allocate(now: Milliseconds): void {
    this.#forget();
    this.#retryAt = Number.POSITIVE_INFINITY;
    if (!this.#outputs.renewPort()) {
      this.#fail('no-port', now);
      return;
    }
    this.#state = 'allocating';
    this.#transactions.isReliable = this.server.transport !== 'udp';
    this.#reportAt = now + reportAfterMs;
    this.#send({ kind: 'allocate' }, now);
  }

  #forget(): void {
    this.#transactions.clear();
    this.#session.forget();
    this.permissions.clear();
    this.channels.clear();
    this.#relayed = undefined;
    this.#reportAt = Number.POSITIVE_INFINITY;
    this.#refreshAt = Number.POSITIVE_INFINITY;
    this.#renewalAt = Number.POSITIVE_INFINITY;
    this.#unansweredSince = Number.POSITIVE_INFINITY;
    this.#checkedAt = Number.NEGATIVE_INFINITY;
  }

  #end(): void {
    const request = { kind: 'refresh', lifetime: 0, isCheck: false } as const;
    this.#outputs.transmit(this.#writer.write(request, this.#transactions.newId()), this.remote);
  }

  #refresh(now: Milliseconds): void {
    this.#refreshAt = Number.POSITIVE_INFINITY;
    this.#send({ kind: 'refresh', lifetime: requestedLifetime, isCheck: false }, now);
  }

  #check(now: Milliseconds, isAfterChange = false): void {
    this.#checkedAt = now;
    if (this.#transactions.has('refresh')) return;
    this.#send({ kind: 'refresh', lifetime: requestedLifetime, isCheck: true, isAfterChange }, now);
  }

  #renew(now: Milliseconds): void {
    while (this.#transactions.hasRoom) {
      const address = this.permissions.dueForRenewal(now);
      if (address === undefined) break;
      this.permissions.ask(address, now);
      this.#send({ kind: 'permit', address }, now);
    }
    while (this.#transactions.hasRoom) {
      const row = this.channels.dueForRenewal(now);
      if (row === noRow) break;
      this.#send({ kind: 'bind', row, channel: this.channels.channelOf(row) }, now);
    }
    this.#planRenewal();
  }

  #planRenewal(): void {
    this.#renewalAt = Math.min(this.permissions.nextRenewalAt(), this.channels.nextRenewalAt());
  }

  #handleSuccess(request: TurnRequest, layout: StunLayout, now: Milliseconds): void {
    switch (request.kind) {
      case 'allocate':
        this.#handleAllocation(layout, now);
        break;
      case 'refresh':
        this.#handleRefreshed(request.isAfterChange === true, now);
        this.#planRefresh(layout, now);
        break;
      case 'permit-first':
        for (const address of request.addresses) this.#grant(address, now);
        this.#becomeReady(now);
        break;
      case 'permit':
        this.#grant(request.address, now);
        break;
      case 'bind':
        this.channels.bind(request.row, now);
        this.#grant(this.channels.address(request.row), now);
    }
    this.#planRenewal();
  }

  /** The allocation is there; that alone tells nothing of its permissions, so silence goes on until it was looked into. */
  #handleRefreshed(isAfterChange: boolean, now: Milliseconds): void {
    if (!isAfterChange && now - this.#unansweredSince < silenceMs) return;
    this.#doubt(isAfterChange);
    this.#unansweredSince = Number.POSITIVE_INFINITY;
  }

  /** Renews what the server may have forgotten: after a change, and when no server of the role answers, which they do. */
  #doubt(isAfterChange: boolean): void {
    const { permissions, channels } = this;
    const usedAt = (address: Ipv4Value) => Math.max(permissions.usedAt(address), channels.usedAt(address));
    const isUnanswered = this.#parts.permitted.some((address) => usedAt(address) >= this.#unansweredSince);
    if (!isAfterChange && !isUnanswered) return;
    permissions.doubt();
    channels.doubt();
  }

  #grant(address: Ipv4Value, now: Milliseconds): void {
    this.permissions.grant(address, now);
    this.#outputs.permissionKnown(address, true);
  }

  #handleAllocation(layout: StunLayout, now: Milliseconds): void {
    const { relayed } = layout;
    if (!relayed.isPresent || !this.#parts.policy.isGlobalUnicast(relayed.address)) {
      this.#end();
      this.#fail('relayed-address-not-global', now);
      return;
    }
    this.#relayed = { address: relayed.address, port: relayed.port };
    this.#planRefresh(layout, now);
    this.#send({ kind: 'permit-first', addresses: this.#parts.permitted }, now);
  }

  #becomeReady(now: Milliseconds): void {
    this.#state = 'ready';
    this.#failure = undefined;
    this.#rotation.succeeded();
    this.#outputs.report({ kind: 'turn-allocated', ...this.#rotation.named, relayed: this.#relayed! });
    this.#outputs.allocated(this.#relayed!, now);
  }

  #planRefresh({ lifetime }: StunLayout, now: Milliseconds): void {
    const lifetimeMs = 1000 * (lifetime < 0 ? requestedLifetime : Math.min(lifetime, 3600));
    this.#refreshAt = now + Math.max(lifetimeMs - refreshMarginMs, lifetimeMs / 2, 5_000);
  }

  #handleError(request: TurnRequest, { errorCode, alternate }: StunLayout, now: Milliseconds): void {
    switch (request.kind) {
      case 'allocate':
        if (errorCode === turnErrors.tryAlternate) this.#redirect(alternate, now);
        else if (errorCode === turnErrors.allocationMismatch) this.#fail('allocation-mismatch', now);
        else this.#fail(failureOf(errorCode), now);
        break;
      case 'permit-first':
        this.#end();
        this.#fail(errorCode === turnErrors.forbidden ? 'server-not-permitted' : failureOf(errorCode), now);
        break;
      case 'refresh':
        this.#lose('unknown-to-server', now);
        break;
      case 'permit':
        if (errorCode === turnErrors.allocationMismatch) this.#lose('unknown-to-server', now);
        else this.#refuse(request.address, now);
        break;
      case 'bind':
        if (errorCode === turnErrors.allocationMismatch) this.#lose('unknown-to-server', now);
        else this.channels.refuse(request.row);
    }
  }

  #refuse(address: Ipv4Value, now: Milliseconds): void {
    this.permissions.refuse(address, now);
    this.#outputs.permissionKnown(address, false);
    this.#planRenewal();
  }

  /** Handles a request that the server did not answer. */
  #handleSilence(request: TurnRequest, now: Milliseconds): void {
    switch (request.kind) {
      case 'permit':
        this.permissions.forget(request.address);
        this.#outputs.permissionKnown(request.address, false);
        this.#check(now);
        break;
      case 'bind':
        this.channels.forget(request.row);
        this.#check(now);
        break;
      case 'refresh':
        this.#lose('silent', now);
        break;
      default:
        this.#fail('silent', now);
    }
  }

  /** The server has not answered yet; it is asked until its time is over. */
  #reportSilence(): void {
    this.#reportAt = Number.POSITIVE_INFINITY;
    this.#outputs.report({ kind: 'turn-unanswered', ...this.#rotation.named, forMs: reportAfterMs });
  }

  #redirect(alternate: Ipv4Endpoint, now: Milliseconds): void {
    if (this.#rotation.redirect(alternate)) this.#allocate(now);
    else this.#fail('alternate-server-refused', now);
  }

  /** The allocation is gone: another one is asked for at once, from another port. */
  #lose(reason: 'silent' | 'unknown-to-server', now: Milliseconds): void {
    if (this.#state !== 'ready') return;
    this.#outputs.report({ kind: 'turn-lost', ...this.#rotation.named, reason });
    this.#outputs.lost();
    this.#allocate(now);
  }

  /** Goes on with the next server at once, and after a failure of the last one when its time has come. */
  #fail(failure: TurnFailure, now: Milliseconds): void {
    const named = this.#rotation.named;
    this.#forget();
    this.#failure = failure;
    this.#state = 'waiting';
    const retryInMs = this.#rotation.failed(failure);
    this.#retryAt = now + retryInMs;
    this.#outputs.report({ kind: 'turn-failed', ...named, reason: failure, retryInMs });
  }
}

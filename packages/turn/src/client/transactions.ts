import type { Ipv4Value } from '@navalis/address';
import type { Milliseconds, RandomSource } from '@navalis/engine';
import { transactionIdOctets } from '../stun/constants.ts';
import type { StunLayout } from '../stun/stun-layout.ts';
import {
  checkLastWaitMs,
  checkTransmissions,
  firstIntervalMs,
  lastWaitFactor,
  reliableWaitMs,
  transactionCapacity,
  transmissions,
} from './choices.ts';

/** A request to the server. */
export type TurnRequest =
  | { readonly kind: 'allocate' }
  /**
   * `lifetime` is 0 to end the allocation; a check asks whether it still exists, and wants an early answer. After a change of the
   * network, or sleep, permissions may have ended unnoticed.
   */
  | {
      readonly kind: 'refresh';
      readonly lifetime: number;
      readonly isCheck: boolean;
      readonly isAfterChange?: boolean;
    }
  /** For the addresses that the role needs from the start. */
  | { readonly kind: 'permit-first'; readonly addresses: readonly Ipv4Value[] }
  | { readonly kind: 'permit'; readonly address: Ipv4Value }
  | { readonly kind: 'bind'; readonly row: number; readonly channel: number };

/** A request that waits for its response. */
export interface Transaction {
  readonly request: TurnRequest;
  readonly id: Uint8Array;
  readonly message: Uint8Array;
  readonly isSigned: boolean;
  /** Whether it answers a challenge: a second one in a row is a refusal. */
  readonly isRepeated: boolean;
  sent: number;
  nextAt: Milliseconds;
  intervalMs: Milliseconds;
}

/** Requests and their retransmission (RFC 8489 section 6.2). Bounded. */
export class Transactions {
  readonly #random: RandomSource;
  readonly #waiting: Transaction[] = [];
  /** Whether requests are sent once, and get lost never. */
  isReliable = false;

  constructor(random: RandomSource) {
    this.#random = random;
  }

  get hasRoom(): boolean {
    return this.#waiting.length < transactionCapacity;
  }

  get nextAt(): Milliseconds {
    let next = Number.POSITIVE_INFINITY;
    for (const { nextAt } of this.#waiting) next = Math.min(next, nextAt);
    return next;
  }

  newId(): Uint8Array {
    const id = new Uint8Array(transactionIdOctets);
    this.#random.fill(id);
    return id;
  }

  /** Begins to wait for the response to a request that the caller sends now. */
  begin(
    request: TurnRequest,
    message: { readonly id: Uint8Array; readonly octets: Uint8Array; readonly isSigned: boolean },
    isRepeated: boolean,
    now: Milliseconds,
  ): void {
    const { id, octets, isSigned } = message;
    const intervalMs = this.isReliable ? reliableWaitMs : firstIntervalMs;
    this.#waiting.push({
      request,
      id,
      message: octets,
      isSigned,
      isRepeated,
      sent: 1,
      nextAt: now + intervalMs,
      intervalMs,
    });
  }

  /** Returns the transaction of a response, which goes on waiting; undefined when none has its number. */
  find(bytes: Uint8Array, { offset }: StunLayout): Transaction | undefined {
    return this.#waiting.find(({ id }) => id.every((octet, index) => octet === bytes[offset + 8 + index]));
  }

  /** Returns true if a request of this kind waits. */
  has(kind: TurnRequest['kind']): boolean {
    return this.#waiting.some(({ request }) => request.kind === kind);
  }

  end(transaction: Transaction): void {
    const at = this.#waiting.indexOf(transaction);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  clear(): void {
    this.#waiting.length = 0;
  }

  /** Sends again what is due; returns the first transaction that was given up, which is ended. */
  handleDeadline(now: Milliseconds, send: (message: Uint8Array) => void): Transaction | undefined {
    for (const transaction of this.#waiting) {
      if (transaction.nextAt > now) continue;
      if (this.#isOver(transaction)) {
        this.end(transaction);
        return transaction;
      }
      transaction.sent += 1;
      transaction.intervalMs *= 2;
      transaction.nextAt = now + (this.#isLast(transaction) ? lastWait(transaction) : transaction.intervalMs);
      send(transaction.message);
    }
    return undefined;
  }

  #isOver(transaction: Transaction): boolean {
    return this.isReliable || this.#isLast(transaction);
  }

  #isLast(transaction: Transaction): boolean {
    return transaction.sent >= transmissionsOf(transaction.request);
  }
}

function isCheck(request: TurnRequest): boolean {
  return request.kind === 'refresh' && request.isCheck;
}

function transmissionsOf(request: TurnRequest): number {
  return isCheck(request) ? checkTransmissions : transmissions;
}

function lastWait({ request }: Transaction): Milliseconds {
  return isCheck(request) ? checkLastWaitMs : firstIntervalMs * lastWaitFactor;
}

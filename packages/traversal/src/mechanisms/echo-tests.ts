import type { Milliseconds, RandomSource } from '@navalis/engine';
import { mostRandomPorts } from '../choices.ts';
import { echoTestsInRow } from '../constants.ts';
import type { PortSlot } from './random-ports.ts';

const never = Number.POSITIVE_INFINITY;
const octetsOfNonce = 8;
const slotCount = mostRandomPorts + 1;

/** The nonce of one solicitation, as the judge of advertisements wants it. */
export class EchoNonce {
  readonly octets: Uint8Array = new Uint8Array(octetsOfNonce);
  isEmpty = true;
  /** Whether the secondary address of the server was solicited with it. */
  readonly isSecondary: boolean;

  constructor(isSecondary: boolean) {
    this.isSecondary = isSecondary;
  }

  draw(random: RandomSource): Uint8Array {
    this.isEmpty = false;
    random.fill(this.octets);
    return this.octets;
  }

  /** Returns true if it stands at `offset`, in a time that does not depend on the octets. */
  includes(bytes: Uint8Array, offset: number): boolean {
    let difference = this.isEmpty ? 1 : 0;
    for (let octet = 0; octet < octetsOfNonce; octet++) difference |= this.octets[octet]! ^ bytes[offset + octet]!;
    return difference === 0;
  }
}

/**
 * The echo tests of RFC 6081 5.5.1, which find out how a sequential NAT numbers a random port: at most one runs for each port, with a
 * failover timer of its own.
 */
export class EchoTests {
  readonly #random: RandomSource;
  // By slot, created when they are first used.
  readonly #lowerNonces: (EchoNonce | undefined)[] = new Array<undefined>(slotCount).fill(undefined);
  readonly #upperNonces: (EchoNonce | undefined)[] = new Array<undefined>(slotCount).fill(undefined);
  readonly #lowerPorts: Uint16Array = new Uint16Array(slotCount);
  readonly #upperPorts: Uint16Array = new Uint16Array(slotCount);
  readonly #counters: Uint8Array = new Uint8Array(slotCount);
  readonly #deadlines: Float64Array = new Float64Array(slotCount).fill(never);

  constructor(random: RandomSource) {
    this.#random = random;
  }

  /** Returns the nonce of the solicitation to the primary or secondary address of the server. */
  nonce(slot: PortSlot, isSecondary: boolean): EchoNonce {
    const nonces = isSecondary ? this.#upperNonces : this.#lowerNonces;
    nonces[slot] ??= new EchoNonce(isSecondary);
    return nonces[slot];
  }

  draw(slot: PortSlot, isSecondary: boolean): Uint8Array {
    return this.nonce(slot, isSecondary).draw(this.#random);
  }

  /** The packets of a test have left: waits 1 s for answers, after the second test 2 s (SPS-09). */
  begin(slot: PortSlot, now: Milliseconds): void {
    this.#counters[slot]! += 1;
    this.#deadlines[slot] = now + 1000 * this.#counters[slot]!;
  }

  isRunning(slot: PortSlot): boolean {
    return this.#deadlines[slot]! < never;
  }

  /** Returns true if no further test may begin. */
  isSpent(slot: PortSlot): boolean {
    return this.#counters[slot]! >= echoTestsInRow;
  }

  deadline(slot: PortSlot): Milliseconds {
    return this.#deadlines[slot]!;
  }

  /** An answer came; returns the predicted port as soon as there are both, else 0 (SPS-11, DD-10). */
  record(slot: PortSlot, isSecondary: boolean, port: number): number {
    const ports = isSecondary ? this.#upperPorts : this.#lowerPorts;
    if (ports[slot] === 0) ports[slot] = port;
    const [lower, upper] = [this.#lowerPorts[slot]!, this.#upperPorts[slot]!];
    return lower === 0 || upper === 0 ? 0 : (lower + upper) >>> 1;
  }

  /** The test has ended: answers count no more. */
  end(slot: PortSlot): void {
    this.#deadlines[slot] = never;
    this.nonce(slot, false).isEmpty = true;
    this.nonce(slot, true).isEmpty = true;
  }

  /** Forgets the answers and the number of tests (SPS-04). */
  forget(slot: PortSlot): void {
    this.#lowerPorts[slot] = 0;
    this.#upperPorts[slot] = 0;
    this.#counters[slot] = 0;
  }
}

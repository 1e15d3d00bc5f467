import { NavalisError } from '@navalis/engine';
import type { DeviceErrorCode } from '../device-error-code.ts';
import type { Koffi } from './load-koffi.ts';
import { type WebAssemblyMemory, webAssembly } from './web-assembly.ts';

const pageOctets = 65_536;
const twoTo32 = 2 ** 32;

interface Piece {
  readonly from: number;
  readonly to: number;
}

/** Reserves places in an arena. */
export type Allocator = Pick<Arena, 'allocate'>;

/** The share of one device in an arena: reserved piece by piece, released as a whole. */
export class ArenaShare implements Allocator {
  readonly #arena: Arena;
  readonly #pieces: Piece[] = [];

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  allocate(octets: number, alignment = 16): number {
    const from = this.#arena.allocate(octets, alignment);
    this.#pieces.push({ from, to: from + octets });
    return from;
  }

  /** Returns what `open` does; gives everything back when it throws. */
  guard<Result>(open: () => Result): Result {
    try {
      return open();
    } catch (error) {
      this.release();
      throw error;
    }
  }

  release(): void {
    for (const { from, to } of this.#pieces.splice(0)) this.#arena.free(from, to - from);
  }
}

/**
 * The one memory that the kernel reads and writes: a WebAssembly memory that cannot grow, so that its address never
 * changes. Allocations are offsets into it. All addresses are computed here.
 */
export class Arena {
  readonly memory: WebAssemblyMemory;
  readonly bytes: Uint8Array;
  readonly uint16: Uint16Array;
  readonly uint32: Uint32Array;
  /** The machine address of offset 0. */
  readonly base: number;
  /** The base in two halves of 32 bits: a remainder of doubles would cost too much. */
  readonly #baseLow: number;
  readonly #baseHigh: number;
  readonly #buffer: ArrayBuffer;
  /** The end of all reservations, and the free pieces below it, in ascending order, no two adjacent. */
  #end = 0;
  /** The start of the padding before a reservation that has some. */
  readonly #paddings: Map<number, number> = new Map();
  readonly #free: Piece[] = [];
  /** The memory from this offset is still zero. */
  #highest = 0;
  /** The last source of a copy, and the same memory in words. */
  #source: Uint8Array = new Uint8Array(0);
  #sourceWords: Uint32Array = new Uint32Array(0);
  /** The word views of all sources: engines have few memories, and a view per packet would be an allocation. */
  readonly #wordsOf: WeakMap<Uint8Array, Uint32Array> = new WeakMap();

  constructor(koffi: Pick<Koffi, 'address'>, octets: number) {
    const pages = Math.ceil(octets / pageOctets);
    this.memory = new webAssembly.Memory({ initial: pages, maximum: pages });
    this.#buffer = this.memory.buffer;
    this.bytes = new Uint8Array(this.#buffer);
    this.uint16 = new Uint16Array(this.#buffer);
    this.uint32 = new Uint32Array(this.#buffer);
    // User space ends at 2^56 at most where 5-level tables are asked for, 2^47 otherwise: exact in a double up to 2^53.
    this.base = Number(koffi.address(this.#buffer));
    if (!Number.isSafeInteger(this.base))
      throw new NavalisError<DeviceErrorCode>('internal', 'The memory lies at an address above 2^53.');
    this.#baseLow = this.base % twoTo32;
    this.#baseHigh = Math.floor(this.base / twoTo32);
  }

  /** Octets that are reserved at present, including padding. */
  get used(): number {
    return this.#free.reduce((used, { from, to }) => used - (to - from), this.#end);
  }

  /** Reserves zeroed memory; returns its offset. @throws NavalisError with code `internal` when the arena is used up. */
  allocate(octets: number, alignment = 16): number {
    const offset = this.#find(octets, alignment);
    if (offset + octets > this.bytes.length) {
      throw new NavalisError<DeviceErrorCode>(
        'internal',
        `The arena of ${this.bytes.length} octets has no ${octets} octets left.`,
      );
    }
    this.#take(offset, offset + octets);
    this.bytes.fill(0, Math.min(offset, this.#highest), Math.min(offset + octets, this.#highest));
    this.#highest = Math.max(this.#highest, offset + octets);
    return offset;
  }

  /** Gives back what `allocate` reserved at that offset. */
  free(offset: number, octets: number): void {
    if (octets === 0) return;
    const from = this.#paddings.get(offset) ?? offset;
    this.#paddings.delete(offset);
    const pieces = this.#free;
    let place = pieces.findIndex((piece) => piece.from > from);
    if (place < 0) place = pieces.length;
    pieces.splice(place, 0, { from, to: offset + octets });
    if (pieces[place + 1]?.from === offset + octets) this.#join(place);
    if (place > 0 && pieces[place - 1]!.to === from) this.#join(place - 1);
    if (pieces.at(-1)!.to === this.#end) this.#end = pieces.pop()!.from;
  }

  #join(place: number): void {
    const [first, second] = this.#free.splice(place, 2);
    this.#free.splice(place, 0, { from: first!.from, to: second!.to });
  }

  /** Returns the lowest offset with room, or else the end of all reservations. */
  #find(octets: number, alignment: number): number {
    const aligned = (offset: number) => Math.ceil(offset / alignment) * alignment;
    const piece = this.#free.find(({ from, to }) => aligned(from) + octets <= to);
    return aligned(piece?.from ?? this.#end);
  }

  #take(from: number, to: number): void {
    if (to > this.#end) {
      if (from > this.#end) this.#paddings.set(from, this.#end);
      this.#end = to;
      return;
    }
    const place = this.#free.findIndex((piece) => piece.from <= from && to <= piece.to);
    const piece = this.#free[place]!;
    const rest = [
      { from: piece.from, to: from },
      { from: to, to: piece.to },
    ].filter((each) => each.to > each.from);
    this.#free.splice(place, 1, ...rest);
  }

  /** Copies `octets` of another memory to `at`, a multiple of 4: by words if `offset` in `source` is a multiple of 4, too. */
  copyFrom(source: Uint8Array, offset: number, octets: number, at: number): void {
    if (source !== this.#source) this.#takeAsSource(source);
    const isAligned = this.#sourceWords.length > 0 && (offset & 3) === 0;
    const words = isAligned ? Math.min(octets >>> 2, this.#sourceWords.length - (offset >>> 2)) : 0;
    for (let word = 0; word < words; word++) {
      this.uint32[(at >>> 2) + word] = this.#sourceWords[(offset >>> 2) + word]!;
    }
    for (let index = words * 4; index < octets; index++) this.bytes[at + index] = source[offset + index]!;
  }

  #takeAsSource(source: Uint8Array): void {
    this.#source = source;
    let words = this.#wordsOf.get(source);
    if (words === undefined) {
      const count = (source.byteOffset & 3) === 0 ? source.length >>> 2 : 0;
      words = new Uint32Array(source.buffer, count === 0 ? 0 : source.byteOffset, count);
      this.#wordsOf.set(source, words);
    }
    this.#sourceWords = words;
  }

  /** Returns the machine address of an offset, to pass as `uintptr_t`. */
  address(offset: number): number {
    return this.base + offset;
  }

  /** Writes the address of `offset` as a pointer at the 8-byte aligned `at`. */
  writePointer(at: number, offset: number): void {
    const low = (this.#baseLow + offset) >>> 0;
    this.uint32[at >>> 2] = low;
    this.uint32[(at >>> 2) + 1] = low < offset ? this.#baseHigh + 1 : this.#baseHigh;
  }

  /** Returns the offset of the pointer that `writePointer` wrote at `at`. */
  readPointer(at: number): number {
    return (this.uint32[at >>> 2]! - this.#baseLow) >>> 0;
  }

  /** Returns the offset of a view in this memory; -1 when it is elsewhere, so that its content must be copied. */
  offsetOf(view: Uint8Array): number {
    // The usual case first: asking a view for its buffer is a slow call.
    if (view === this.bytes) return 0;
    return view.buffer === this.#buffer ? view.byteOffset : -1;
  }
}

import type { DropSink } from '../drop-sink.ts';
import type { Allocator, Arena } from './arena.ts';
import { SOL_UDP, UDP_SEGMENT } from './constants.ts';

/** Octets of a `struct mmsghdr`: a `msghdr` of 56, then `msg_len` and padding. */
export const messageHeaderOctets = 64;
/** Octets of a `struct iovec`. */
export const vectorOctets = 16;
/** Room for the one control message in use, on either way: a `struct cmsghdr` of 16, then a number. */
const controlOctets = 32;
const controlHeaderOctets = 16;
/** CMSG_SPACE of a 16-bit number. */
const segmentControlOctets = 24;

// Word indexes within a `struct mmsghdr`, in units of 4 octets.
const nameLengthWord = 2;
const vectorCountWord = 6;
const controlLengthWord = 10;
const receivedWord = 14;

export interface MessageHeadersLayout {
  readonly count: number;
  /** `struct sockaddr_in` is 16 octets, `sockaddr_in6` 28. */
  readonly nameOctets: number;
}

/**
 * An array of `struct mmsghdr` with a socket address and room for a control message each. Pointers to these are laid out
 * once; what changes per message are plain stores into the arena. The vectors are the caller's.
 */
export class MessageHeaders {
  readonly count: number;
  readonly nameOctets: number;
  /** Address of the first header, for `recvmmsg` and `sendmmsg`. */
  readonly address: number;
  /** Offsets in the arena of all headers and of all socket addresses, for loops over messages. */
  readonly headersOffset: number;
  readonly namesOffset: number;
  readonly #arena: Arena;
  readonly #words: Uint32Array;
  readonly #nameStride: number;
  readonly #controls: number;

  constructor(arena: Arena, { count, nameOctets }: MessageHeadersLayout, room: Allocator = arena) {
    this.count = count;
    this.nameOctets = nameOctets;
    this.#arena = arena;
    this.#words = arena.uint32;
    this.#nameStride = Math.ceil(nameOctets / 16) * 16;
    this.headersOffset = room.allocate(count * messageHeaderOctets, 64);
    this.namesOffset = room.allocate(count * this.#nameStride);
    this.#controls = room.allocate(count * controlOctets);
    this.address = arena.address(this.headersOffset);
    for (let index = 0; index < count; index++) {
      const header = this.#header(index);
      arena.writePointer(header, this.nameOffset(index));
      arena.writePointer(header + 32, this.#control(index));
      this.#words[(header >>> 2) + nameLengthWord] = nameOctets;
      const control = this.#control(index) >>> 2;
      // `cmsg_len`, `cmsg_level` and `cmsg_type` of what `setSegmentOctets` asks for; receiving overwrites them.
      this.#words[control] = controlHeaderOctets + 2;
      this.#words[control + 2] = SOL_UDP;
      this.#words[control + 3] = UDP_SEGMENT;
    }
  }

  /** Offset in the arena of the message's socket address. */
  nameOffset(index: number): number {
    return this.namesOffset + index * this.#nameStride;
  }

  /** The address of the header at `index`, for a call that begins there. */
  addressFrom(index: number): number {
    return this.address + index * messageHeaderOctets;
  }

  /** Copies the header at `index` to `offset` in the arena, where it stands for the same message. */
  copyHeader(index: number, offset: number): void {
    const from = this.#header(index) >>> 2;
    for (let word = 0; word < messageHeaderOctets >>> 2; word++) {
      this.#words[(offset >>> 2) + word] = this.#words[from + word]!;
    }
  }

  /** Makes the message consist of `count` of the `struct iovec` at `offset` in the arena. */
  setVectors(index: number, offset: number, count: number): void {
    const header = this.#header(index);
    this.#arena.writePointer(header + 16, offset);
    this.#words[(header >>> 2) + vectorCountWord] = count;
  }

  setVectorCount(index: number, count: number): void {
    this.#words[(this.#header(index) >>> 2) + vectorCountWord] = count;
  }

  /** Has the kernel cut the message into datagrams of this many octets (`UDP_SEGMENT`); 0 disables it. */
  setSegmentOctets(index: number, octets: number): void {
    this.#words[(this.#header(index) >>> 2) + controlLengthWord] = octets === 0 ? 0 : segmentControlOctets;
    this.#words[(this.#control(index) + controlHeaderOctets) >>> 2] = octets;
  }

  /** Resets the room of the message before a receive; the kernel overwrites it with the octets in use. */
  prepareToReceive(index: number): void {
    const header = this.#header(index) >>> 2;
    this.#words[header + nameLengthWord] = this.nameOctets;
    this.#words[header + controlLengthWord] = controlOctets;
  }

  receivedOctets(index: number): number {
    return this.#words[(this.#header(index) >>> 2) + receivedWord]!;
  }

  /** The number in the message's control message of this level and type; 0 when it has none. */
  receivedControl(index: number, level: number, type: number): number {
    if (this.#words[(this.#header(index) >>> 2) + controlLengthWord]! < controlHeaderOctets + 4) return 0;
    const control = this.#control(index) >>> 2;
    if (this.#words[control + 2] !== level || this.#words[control + 3] !== type) return 0;
    return this.#words[control + controlHeaderOctets / 4]!;
  }

  #header(index: number): number {
    return this.headersOffset + index * messageHeaderOctets;
  }

  #control(index: number): number {
    return this.#controls + index * controlOctets;
  }
}

/** Reports each piece of memory of the `struct iovec` from `vector` up to `end` to the sink. */
export function reportLost(arena: Arena, drops: DropSink, vector: number, end: number): void {
  if (drops.lost === undefined) return;
  for (let at = vector; at < end; at += vectorOctets) {
    drops.lost(arena.bytes, arena.readPointer(at), arena.uint32[(at >>> 2) + 2]!);
  }
}

/** Writes a `struct iovec` at `vector` in the arena for `octets` at `offset`. */
export function writeVector(arena: Arena, vector: number, offset: number, octets: number): void {
  arena.writePointer(vector, offset);
  arena.uint32[(vector >>> 2) + 2] = octets;
}

import type { Allocator } from './arena.ts';

/** A whole datagram or super-segment fits; nothing is ever truncated. */
export const slotOctets = 65_536;
/** Room before each packet for a header of the kernel; keeps the packet aligned. */
const slotHeadroom = 16;
/** From one slot to the next: 64 KiB apart they would share the same few lines of the processor's cache. */
export const slotStride: number = slotHeadroom + slotOctets + 192;

/** Fixed places in the arena that a device receives into, one per packet or bundle. */
export class ReceiveSlots {
  readonly count: number;
  readonly #offset: number;

  constructor(room: Allocator, count: number) {
    this.count = count;
    this.#offset = room.allocate(count * slotStride, 64);
  }

  /** Offset in the arena where the slot's packet begins; a multiple of 16. */
  packetOffset(index: number): number {
    return this.#offset + index * slotStride + slotHeadroom;
  }
}

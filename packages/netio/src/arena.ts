import { NavalisError } from '@navalis/engine';
import { type WebAssemblyMemory, webAssembly } from './web-assembly.ts';

/**
 * The one memory that the kernel reads and writes. It never grows, so that its address never changes; devices take blocks
 * at their opening and give them back at their closing. Bounded by the size given at construction.
 */
export class Arena {
  readonly memory: WebAssemblyMemory;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly #baseAddress: number;
  readonly #released = new Map<number, number[]>();
  // Offset 0 is never handed out, so that no block has it by mistake.
  #used = blockAlignment;

  /** `baseAddressOf` tells where in the process the memory lies. */
  constructor(sizeOctets: number, baseAddressOf: (bytes: Uint8Array) => number) {
    const pages = Math.ceil(sizeOctets / pageOctets);
    this.memory = new webAssembly.Memory({ initial: pages, maximum: pages });
    this.bytes = new Uint8Array(this.memory.buffer);
    this.view = new DataView(this.memory.buffer);
    this.#baseAddress = baseAddressOf(this.bytes);
  }

  /** The offset of a block of zeroes, aligned to 64 octets. */
  allocate(octets: number): number {
    const size = Math.ceil(octets / blockAlignment) * blockAlignment;
    const reused = this.#released.get(size)?.pop();
    if (reused !== undefined) {
      this.bytes.fill(0, reused, reused + size);
      return reused;
    }
    if (this.#used + size > this.bytes.length) {
      throw new NavalisError('internal', `No room for ${octets} octets of device memory: too many devices are open.`);
    }
    const offset = this.#used;
    this.#used += size;
    return offset;
  }

  /** Gives a block back for later blocks of equal size. */
  release(offset: number, octets: number): void {
    const size = Math.ceil(octets / blockAlignment) * blockAlignment;
    const blocks = this.#released.get(size);
    if (blocks === undefined) this.#released.set(size, [offset]);
    else blocks.push(offset);
  }

  /** The address in the process of an offset. */
  addressOf(offset: number): number {
    return this.#baseAddress + offset;
  }

  /** Writes the address of the octet at `target` into the pointer field at `field`. */
  writePointer(field: number, target: number): void {
    const address = this.addressOf(target);
    this.view.setUint32(field, address % 2 ** 32, true);
    this.view.setUint32(field + 4, Math.floor(address / 2 ** 32), true);
  }

  /** Whether `memory` is a view of this arena, so that its octets need no copy. */
  owns(memory: Uint8Array): boolean {
    return memory.buffer === this.memory.buffer;
  }
}

const pageOctets = 65536;
const blockAlignment = 64;

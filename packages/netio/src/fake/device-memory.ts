const deviceMemories = new WeakSet<Uint8Array>();

/** The input of one call of a fake device: memory that other fakes reference, as real ones do. */
export class DeviceMemory {
  #memory = new Uint8Array(0);

  /**
   * Lays the packets out one after the other, and overwrites those of the call before: code that still refers to them
   * shows.
   */
  replace(packets: readonly Uint8Array[]): { memory: Uint8Array; offsets: readonly number[] } {
    this.#memory.fill(0xdd);
    const offsets: number[] = [];
    let used = 0;
    for (const packet of packets) {
      offsets.push(used);
      used += Math.ceil(packet.length / alignment) * alignment;
    }
    this.#memory = new Uint8Array(used);
    deviceMemories.add(this.#memory);
    packets.forEach((packet, index) => {
      this.#memory.set(packet, offsets[index]!);
    });
    return { memory: this.#memory, offsets };
  }
}

/** Returns true if a fake device received into this memory. */
export function isDeviceMemory(memory: Uint8Array): boolean {
  return deviceMemories.has(memory);
}

const alignment = 16;

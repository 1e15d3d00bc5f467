const deviceMemories = new WeakSet<Uint8Array>();

/** The receive memory of a fake device. Other fakes reference it, as real devices do. */
export class DeviceMemory {
  #memory = new Uint8Array(0);

  /**
   * Writes the packets one after the other over those of the previous call, which exposes code that still refers to them.
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

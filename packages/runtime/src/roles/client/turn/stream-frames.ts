/** Octets of the headers of STUN messages and ChannelData. */
const stunHeaderOctets = 20;
const channelDataHeaderOctets = 4;

/** Cuts a stream of a TURN server into messages: STUN, and ChannelData with its padding (RFC 8656 section 12.5). */
export class StreamFrames {
  #rest: Buffer = Buffer.alloc(0);

  /** Returns the messages that are complete now; undefined when the stream is none of a TURN server. */
  add(octets: Buffer): Buffer[] | undefined {
    const stream = this.#rest.length === 0 ? octets : Buffer.concat([this.#rest, octets]);
    const frames: Buffer[] = [];
    let at = 0;
    while (stream.length - at >= channelDataHeaderOctets) {
      const kind = stream[at]! >>> 6;
      if (kind > 1) return undefined;
      const length = stream.readUInt16BE(at + 2) + (kind === 0 ? stunHeaderOctets : channelDataHeaderOctets);
      const next = at + ((length + 3) & ~3);
      if (next > stream.length) break;
      frames.push(stream.subarray(at, at + length));
      at = next;
    }
    this.#rest = stream.subarray(at);
    return frames;
  }
}

/** Returns a message as it goes into the stream: padded to 4 octets. */
export function framed(message: Buffer): Buffer {
  const padding = -message.length & 3;
  return padding === 0 ? message : Buffer.concat([message, Buffer.alloc(padding)]);
}

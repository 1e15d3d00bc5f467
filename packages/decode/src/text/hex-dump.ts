/** Our choice: the longest IPv4 packet, and an Ethernet header. */
const longestPacket = 65_549;

/**
 * An offset at the start of a line, as tcpdump (`0x0010:`), xxd (`00000010:`), Wireshark (`0010  `) and hexdump (`00000010  `) print
 * it.
 */
const offsetPattern = /^\s*(?:(?:0x([0-9a-f]{1,8})|([0-9a-f]{8})):(?=\s)|([0-9a-f]{4,8})(?:\s{2}|$))/i;
const octetsPerLine = 16;
/** Stands for lines with the octets of the line before it. */
const repeated = /^\*\s*$/;

/** Collects the packets of a hex dump, line by line. */
export class HexDump {
  /** A sentence if a packet could not be read. */
  problem: string | undefined;
  #octets: number[] = [];
  /** Whether the lines of the present packet begin with offsets; undefined before its first line. */
  #hasOffsets: boolean | undefined;
  #lines = 0;
  /** The octets of the last line with an offset, and whether lines like it were left out behind it. */
  #lastOctets: readonly number[] = [];
  #isRepeated = false;

  /** Reads a line; returns the packet that ended before it, if one did. */
  read(line: string): Uint8Array | undefined {
    this.#lines += 1;
    const match = offsetPattern.exec(line);
    if (match !== null && this.#isOffset(match, line)) return this.#readNumbered(line, match);
    if (this.#lastOctets.length > 0 && repeated.test(line)) {
      this.#isRepeated = true;
      return undefined;
    }
    const digits = line.replaceAll(/0x|[\s,:;-]/gi, '');
    // Nothing, or a sentence between two packets, such as the line that tcpdump prints above each.
    if (!/^(?:[0-9a-f]{2})+$/i.test(digits)) return this.end();
    this.#hasOffsets ??= false;
    this.#add(octetsOf(digits));
    return undefined;
  }

  /** Returns the last packet, if there is one. */
  end(): Uint8Array | undefined {
    this.#hasOffsets = undefined;
    this.#isRepeated = false;
    this.#lastOctets = [];
    if (this.#octets.length === 0) return undefined;
    const packet = Uint8Array.from(this.#octets);
    this.#octets = [];
    return packet;
  }

  /** Returns true unless the number is data: the last line of a dump without offsets, such as of "xxd -p", may have 4 to 8 digits. */
  #isOffset([, tcpdump, xxd, bare]: RegExpExecArray, line: string): boolean {
    if (tcpdump !== undefined || xxd !== undefined) return true;
    return this.#hasOffsets ?? line.trim() !== bare;
  }

  #readNumbered(line: string, match: RegExpExecArray): Uint8Array | undefined {
    const [, tcpdump, xxd, bare] = match;
    const offset = Number.parseInt(tcpdump ?? xxd ?? bare!, 16);
    const ended = offset === 0 ? this.end() : undefined;
    this.#hasOffsets = true;
    if (this.#isRepeated) this.#repeatUpTo(offset);
    if (offset !== this.#octets.length) {
      this.problem ??= `Line ${this.#lines} of the hex dump does not continue the line before.`;
      this.#octets = [];
      return ended;
    }
    const rest = line.slice(match[0].length).trimStart();
    // The column of characters stands behind two spaces after tcpdump and xxd, and three or a bar after others.
    const octets =
      bare === undefined
        ? octetsOf(rest.split(/\s{2,}/)[0]!)
        : octetsOf(rest.split(/\s{3,}|\|/)[0]!).slice(0, octetsPerLine);
    this.#lastOctets = octets;
    this.#add(octets);
    return ended;
  }

  /** Adds the lines that the dump left out before this offset. */
  #repeatUpTo(offset: number): void {
    this.#isRepeated = false;
    const lacking = Math.min(offset, longestPacket + 1) - this.#octets.length;
    for (let added = 0; added < lacking; added += this.#lastOctets.length) this.#add(this.#lastOctets);
  }

  #add(octets: readonly number[]): void {
    if (this.#octets.length + octets.length > longestPacket) {
      this.problem ??= `Line ${this.#lines} of the hex dump makes a packet of more than ${longestPacket} octets.`;
      return;
    }
    this.#octets.push(...octets);
  }
}

/** Returns the octets of the pairs of digits at the start of the text. */
function octetsOf(text: string): readonly number[] {
  const octets: number[] = [];
  for (const group of text.split(/\s+/)) {
    if (!/^(?:[0-9a-f]{2})+$/i.test(group)) break;
    for (let index = 0; index < group.length; index += 2)
      octets.push(Number.parseInt(group.slice(index, index + 2), 16));
  }
  return octets;
}

import type { ByteQueue } from '../capture/byte-queue.ts';
import type { CaptureEnd, Frame } from '../capture/frame.ts';
import { HexDump } from './hex-dump.ts';

/** Our choice: room for the longest datagram in one line, with a separator and `0x` at each octet. */
const longestLine = 400_000;

/** Reads the packets of hexadecimal text: octets in one or more lines, or dumps of tcpdump, xxd, Wireshark and hexdump. */
export async function* readHex(queue: ByteQueue): AsyncGenerator<Frame, CaptureEnd> {
  const dump = new HexDump();
  let line = '';
  while (await queue.has(1)) {
    const chunk = queue.take(queue.here.length);
    if (chunk.some(isControl))
      return { problem: 'The input is neither a capture (pcap, pcapng) nor hexadecimal text.' };
    const lines = `${line}${textOf(chunk)}`.split('\n');
    line = lines.pop()!;
    for (const each of lines) yield* framesOf(dump.read(each));
    if (line.length > longestLine) return { problem: `The input has a line of more than ${longestLine} characters.` };
  }
  yield* framesOf(dump.read(line));
  yield* framesOf(dump.end());
  return { problem: dump.problem };
}

function framesOf(bytes: Uint8Array | undefined): readonly Frame[] {
  return bytes === undefined ? [] : [{ bytes, linkType: undefined }];
}

function isControl(octet: number): boolean {
  return octet < 0x20 && octet !== 0x09 && octet !== 0x0a && octet !== 0x0d;
}

/** Octets beyond ASCII become signs that are no digits. */
function textOf(chunk: Uint8Array): string {
  let text = '';
  for (let start = 0; start < chunk.length; start += 8192) {
    text += String.fromCharCode(...chunk.subarray(start, start + 8192));
  }
  return text;
}

import type { ByteQueue } from './byte-queue.ts';
import { type CaptureEnd, cutProblem, damagedProblem, type Frame, longestFrame } from './frame.ts';

const headerOctets = 24;
const recordHeaderOctets = 16;

/** Units of the second time field in a second, and byte order, by the first four octets of the file. */
const magics: ReadonlyMap<number, { readonly unitsPerMs: number; readonly isLittle: boolean }> = new Map([
  [0xa1b2c3d4, { unitsPerMs: 1e3, isLittle: false }],
  [0xd4c3b2a1, { unitsPerMs: 1e3, isLittle: true }],
  [0xa1b23c4d, { unitsPerMs: 1e6, isLittle: false }],
  [0x4d3cb2a1, { unitsPerMs: 1e6, isLittle: true }],
]);

export function isPcap(magic: number): boolean {
  return magics.has(magic);
}

/** Reads the packets of a capture in pcap format. */
export async function* readPcap(queue: ByteQueue): AsyncGenerator<Frame, CaptureEnd> {
  if (!(await queue.has(headerOctets))) return cutProblem(queue.taken);
  const header = viewOf(queue.take(headerOctets));
  const { unitsPerMs, isLittle } = magics.get(header.getUint32(0))!;
  // The upper half tells the octets of a checksum at the end, which no decoder needs.
  const linkType = header.getUint32(20, isLittle) & 0xffff;
  while (await queue.has(1)) {
    const start = queue.taken;
    if (!(await queue.has(recordHeaderOctets))) return cutProblem(start);
    const record = viewOf(queue.take(recordHeaderOctets));
    const octets = record.getUint32(8, isLittle);
    if (octets > longestFrame) return damagedProblem(start);
    if (!(await queue.has(octets))) return cutProblem(start);
    const atMs = record.getUint32(0, isLittle) * 1000 + record.getUint32(4, isLittle) / unitsPerMs;
    yield { bytes: queue.take(octets), linkType, atMs };
  }
  return {};
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

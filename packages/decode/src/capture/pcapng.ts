import type { ByteQueue } from './byte-queue.ts';
import { type CaptureEnd, cutProblem, damagedProblem, type Frame, longestFrame } from './frame.ts';

const blockTypes = { section: 0x0a0d0d0a, interface: 1, simplePacket: 3, enhancedPacket: 6 } as const;
const byteOrderMagic = 0x1a2b3c4d;

/** Our choice: blocks of packets are shorter; longer ones of other kinds are skipped as they come. */
const longestBlock = longestFrame + 65_536;
/** Our choice. */
const mostInterfaces = 4096;

interface CaptureInterface {
  readonly linkType: number;
  readonly unitsPerMs: number;
}

/** The present section of a file: byte order, and the interfaces described so far. */
interface Section {
  isLittle: boolean;
  interfaces: CaptureInterface[];
}

export function isPcapng(magic: number): boolean {
  return magic === blockTypes.section;
}

/** Reads the packets of a capture in pcapng format. Blocks without packets are skipped. */
export async function* readPcapng(queue: ByteQueue): AsyncGenerator<Frame, CaptureEnd> {
  const section: Section = { isLittle: true, interfaces: [] };
  while (await queue.has(1)) {
    const start = queue.taken;
    if (!(await queue.has(12))) return cutProblem(start);
    const head = viewOf(queue.here);
    if (head.getUint32(0) === blockTypes.section) {
      section.isLittle = head.getUint32(8, true) === byteOrderMagic;
      section.interfaces = [];
    }
    const type = head.getUint32(0, section.isLittle);
    const octets = head.getUint32(4, section.isLittle);
    if (octets < 12 || octets % 4 !== 0 || section.interfaces.length > mostInterfaces) return damagedProblem(start);
    if (type !== blockTypes.interface && type !== blockTypes.enhancedPacket && type !== blockTypes.simplePacket) {
      if (!(await queue.skip(octets))) return cutProblem(start);
      continue;
    }
    if (octets > longestBlock) return damagedProblem(start);
    if (!(await queue.has(octets))) return cutProblem(start);
    const block = queue.take(octets);
    const frame = readBlock(type, block, section);
    if (frame === 'damaged') return damagedProblem(start);
    if (frame !== undefined) yield frame;
  }
  return {};
}

function readBlock(type: number, block: Uint8Array, section: Section): Frame | 'damaged' | undefined {
  const view = viewOf(block);
  const { isLittle, interfaces } = section;
  if (type === blockTypes.interface) {
    if (block.length < 20) return 'damaged';
    interfaces.push({ linkType: view.getUint16(8, isLittle), unitsPerMs: unitsOf(block, isLittle) });
    return undefined;
  }
  if (type === blockTypes.simplePacket) {
    if (block.length < 16 || interfaces[0] === undefined) return 'damaged';
    const octets = Math.min(view.getUint32(8, isLittle), block.length - 16);
    return { bytes: block.subarray(12, 12 + octets), linkType: interfaces[0].linkType };
  }
  if (block.length < 32) return 'damaged';
  const own = interfaces[view.getUint32(8, isLittle)];
  const octets = view.getUint32(20, isLittle);
  if (own === undefined || octets > block.length - 32) return 'damaged';
  const units = view.getUint32(12, isLittle) * 2 ** 32 + view.getUint32(16, isLittle);
  return { bytes: block.subarray(28, 28 + octets), linkType: own.linkType, atMs: units / own.unitsPerMs };
}

/** Reads the option if_tsresol: microseconds without it. Options end before the length that ends the block. */
function unitsOf(block: Uint8Array, isLittle: boolean): number {
  const view = viewOf(block);
  let offset = 16;
  while (offset + 8 <= block.length - 4) {
    const code = view.getUint16(offset, isLittle);
    const length = view.getUint16(offset + 2, isLittle);
    if (code === 0) break;
    if (code === 9 && length === 1) {
      const resolution = block[offset + 4]!;
      const unitsPerSecond = (resolution & 0x80) === 0 ? 10 ** resolution : 2 ** (resolution & 0x7f);
      return unitsPerSecond / 1000;
    }
    offset += 4 + Math.ceil(length / 4) * 4;
  }
  return 1000;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

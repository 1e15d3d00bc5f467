import { endpointText, formatIpv4, readUint32, teredoPort } from '@navalis/address';
import { ByteQueue } from './capture/byte-queue.ts';
import type { CaptureEnd, Frame } from './capture/frame.ts';
import { isPcap, readPcap } from './capture/pcap.ts';
import { isPcapng, readPcapng } from './capture/pcapng.ts';
import { type CapturedDatagram, readUdp } from './capture/udp-in-frame.ts';
import { explainDatagram } from './datagram/explain-datagram.ts';
import type { Finding, InputSummary } from './finding.ts';
import { isShown } from './recognise.ts';
import { readHex } from './text/read-hex.ts';

/**
 * Finds the Teredo datagrams in an input of any octets, and explains each: a capture in pcap or pcapng format, or hexadecimal text.
 * The last finding is the summary. Never throws by itself; memory is bounded by one packet.
 */
export async function* explainInput(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Finding, void> {
  const queue = new ByteQueue(chunks);
  const format = await formatOf(queue);
  const counts = { packets: 0, datagrams: 0, dropped: 0, fragments: 0, cut: 0, others: 0 };
  const frames = readFrames(format, queue);
  let next = await frames.next();
  for (; next.done !== true; next = await frames.next()) {
    counts.packets += 1;
    const finding = explainFrame(next.value, counts.packets);
    if (finding === 'other') counts.others += 1;
    else if (finding === 'cut') counts.cut += 1;
    else if (finding.kind === 'fragment') counts.fragments += 1;
    else {
      counts.datagrams += 1;
      if (finding.dropReason !== undefined) counts.dropped += 1;
    }
    if (typeof finding === 'object') yield finding;
  }
  const { problem } = next.value;
  yield {
    kind: 'summary',
    format: format === 'hex' && counts.packets === 0 ? 'unknown' : format,
    ...counts,
    ...(problem && { problem }),
  };
}

async function formatOf(queue: ByteQueue): Promise<InputSummary['format']> {
  if (!(await queue.has(4))) return 'hex';
  const magic = readUint32(queue.here, 0);
  if (isPcap(magic)) return 'pcap';
  return isPcapng(magic) ? 'pcapng' : 'hex';
}

function readFrames(format: InputSummary['format'], queue: ByteQueue): AsyncGenerator<Frame, CaptureEnd> {
  if (format === 'pcap') return readPcap(queue);
  return format === 'pcapng' ? readPcapng(queue) : readHex(queue);
}

/** The end of the year 9999: later times are damage, and no calendar has them. */
const latestMs = 253_402_300_799_999;

type Explained = Exclude<Finding, InputSummary> | 'cut' | 'other';

function explainFrame(frame: Frame, number: number): Explained {
  const found = readUdp(frame);
  const { atMs = Number.POSITIVE_INFINITY } = frame;
  const place = { number, ...(atMs <= latestMs && { atMs: Math.round(atMs) }) };
  if (found?.kind === 'fragment') {
    const { sourceAddress, destinationAddress, offset } = found;
    return { kind: 'fragment', ...place, from: formatIpv4(sourceAddress), to: formatIpv4(destinationAddress), offset };
  }
  // Hexadecimal text may be a UDP payload alone.
  if (found === undefined && frame.linkType !== undefined) return 'other';
  const explanation = explainDatagram(found?.payload ?? frame.bytes);
  if (found?.isCut === true) return isOnTeredoPort(found) ? 'cut' : 'other';
  if (!isShown(explanation, found)) return 'other';
  const ends = found && {
    from: endpointText({ address: found.sourceAddress, port: found.sourcePort }),
    to: endpointText({ address: found.destinationAddress, port: found.destinationPort }),
  };
  return { kind: 'datagram', ...place, ...ends, ...explanation };
}

function isOnTeredoPort({ sourcePort, destinationPort }: CapturedDatagram): boolean {
  return sourcePort === teredoPort || destinationPort === teredoPort;
}

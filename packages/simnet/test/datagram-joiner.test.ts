import type { DatagramRun } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { DatagramJoiner } from '../src/hosts/datagram-joiner.ts';
import { internet } from '../src/index.ts';

/** A packet of the given length from one inner host to another. */
function packet(length: number, source = 1, nextHeader = 17): Uint8Array {
  const bytes = new Uint8Array(length).fill(source);
  bytes.set([0x60, 0, 0, 0, 0, length - 40, nextHeader, 64]);
  return bytes;
}

const here = { address: 0x08010001, port: 1000 };

/** Returns the lengths of the packets in each run of these payloads. */
function runsOf(...payloads: { bytes: Uint8Array; from?: typeof here }[]): string[] {
  const runs: string[] = [];
  const joiner = new DatagramJoiner(({ count, packetLength, lastPacketLength, headerStride, memory }: DatagramRun) =>
    runs.push(`${count}x${packetLength},${lastPacketLength} of ${memory.length} by ${headerStride}`),
  );
  for (const { bytes, from = here } of payloads) joiner.add(bytes, from, 0);
  joiner.flush();
  return runs;
}

describe('joining', () => {
  it('joins equal lengths and ends with a shorter one', () => {
    const runs = runsOf({ bytes: packet(60) }, { bytes: packet(60) }, { bytes: packet(50) }, { bytes: packet(50) });
    expect(runs).toEqual(['3x60,50 of 252 by 84', '1x50,50 of 50 by 0']);
  });

  it('keeps flows, endpoints, bubbles, ICMPv6 and datagrams with more than a packet apart', () => {
    const single = '1x60,60 of 60 by 0';
    expect(runsOf({ bytes: packet(60) }, { bytes: packet(60, 2) })).toEqual([single, single]);
    expect(runsOf({ bytes: packet(60) }, { bytes: packet(60), from: { ...here, port: 2 } })).toEqual([single, single]);
    expect(runsOf({ bytes: packet(60, 1, 58) }, { bytes: packet(60, 1, 58) })).toEqual([single, single]);
    expect(runsOf({ bytes: packet(40, 1, 59) }, { bytes: packet(40, 1, 59) })).toHaveLength(2);
    const withTrailer = packet(60);
    withTrailer[5] = 10;
    expect(runsOf({ bytes: packet(60) }, { bytes: withTrailer }, { bytes: packet(60) })).toHaveLength(3);
  });

  it('makes engines see runs of a transfer', () => {
    const net = internet();
    const [alice, bob] = [1, 2].map(() => net.client({ nat: 'port-restricted', server: net.server() }));
    net.until('both have an address', () => alice!.isQualified && bob!.isQualified);
    const counts: number[] = [];
    const { engine } = bob!.host;
    const { handleDatagrams } = engine;
    engine.handleDatagrams = (run, now) => {
      counts.push(run.count);
      handleDatagrams.call(engine, run, now);
    };
    const transfer = alice!.transfer(bob!, 50_500);
    net.until('the transfer is complete', () => transfer.completedAt !== undefined);
    expect(transfer.isIntact).toBe(true);
    expect(Math.max(...counts)).toBeGreaterThan(8);
  });
});

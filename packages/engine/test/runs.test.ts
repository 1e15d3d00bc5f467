import { describe, expect, it } from 'vitest';
import type { DatagramRun, Engine, PacketRun } from '../src/index.ts';
import { createDatagramRun, createPacketRun, NavalisError, pointRunAt } from '../src/index.ts';
import { RecordingOutputs, receiveDatagram, seededRandom, takePacket } from '../src/testing.ts';

describe('a packet run', () => {
  it('stands for one packet when pointed at it, whatever it stood for before', () => {
    const memory = new Uint8Array(100);
    const run: PacketRun = {
      ...createPacketRun(memory),
      packetLength: 10,
      lastPacketLength: 5,
      count: 4,
      headerStride: 10,
    };
    pointRunAt(run, 7, 40);
    expect(run).toEqual({ memory, offset: 7, packetLength: 40, lastPacketLength: 40, count: 1, headerStride: 0 });
  });
});

describe('a new run', () => {
  const memory = new Uint8Array(8);
  const empty = { memory, offset: 0, packetLength: 0, lastPacketLength: 0, count: 1, headerStride: 0 };

  it('stands for one packet of no octets at the start of its memory', () => {
    expect(createPacketRun(memory)).toEqual(empty);
  });

  it('of datagrams is for the one port of most roles, or another', () => {
    // The address is no small integer, so that the field never changes its kind for V8.
    const datagrams = { ...empty, sourceAddress: 0xffff_ffff, sourcePort: 0 };
    expect(createDatagramRun(memory)).toEqual({ ...datagrams, portId: 0 });
    expect(createDatagramRun(memory, 1)).toEqual({ ...datagrams, portId: 1 });
  });
});

describe('recording outputs', () => {
  it('keep copies of each packet of a run, the last one shorter', () => {
    const memory = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7);
    const run: PacketRun = { memory, offset: 1, packetLength: 3, lastPacketLength: 1, count: 3, headerStride: 3 };
    const outputs = new RecordingOutputs();
    outputs.deliverPackets(run);
    memory.fill(0xff);
    expect(outputs.takePackets()).toEqual([Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6), Uint8Array.of(7)]);
    expect(outputs.takePackets()).toEqual([]);
  });

  it('tell where a datagram went and from which port', () => {
    const run = createPacketRun(Uint8Array.of(9));
    pointRunAt(run, 0, 1);
    const outputs = new RecordingOutputs();
    outputs.sendDatagrams(run, 0xc0000201, 3544);
    outputs.sendDatagrams(run, 0xc0000202, 1, 1);
    const payload = Uint8Array.of(9);
    expect(outputs.takeDatagrams()).toEqual([
      { payload, address: 0xc0000201, port: 3544, portId: 0 },
      { payload, address: 0xc0000202, port: 1, portId: 1 },
    ]);
  });
});

describe('feeding an engine', () => {
  it('gives it copies as runs of one, with origin and time', () => {
    const seen: unknown[] = [];
    const engine: Engine = {
      handleDatagrams: ({ sourceAddress, sourcePort, portId, ...run }: DatagramRun, now) =>
        seen.push([run.memory.slice(), run.packetLength, run.count, sourceAddress, sourcePort, portId, now]),
      handlePackets: (run, now) => seen.push([run.memory.slice(), run.lastPacketLength, run.count, now]),
      handleDeadline: () => {},
      nextDeadline: () => Number.POSITIVE_INFINITY,
    };
    receiveDatagram(engine, Uint8Array.of(1, 2), { address: 5, port: 6, portId: 1 }, 7);
    takePacket(engine, Uint8Array.of(3), 8);
    expect(seen).toEqual([
      [Uint8Array.of(1, 2), 2, 1, 5, 6, 1, 7],
      [Uint8Array.of(3), 1, 1, 8],
    ]);
  });
});

describe('seeded randomness', () => {
  const draw = (seed: number) => {
    const octets = new Uint8Array(4096);
    seededRandom(seed).fill(octets);
    return octets;
  };

  it('repeats for a seed and differs between seeds', () => {
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it('goes on from call to call', () => {
    const random = seededRandom(3);
    const octets = [new Uint8Array(8), new Uint8Array(8)];
    for (const part of octets) random.fill(part);
    expect(octets[0]).not.toEqual(octets[1]);
  });

  it('uses every octet value', () => {
    expect(new Set(draw(4)).size).toBe(256);
  });
});

describe('an error for the user', () => {
  it('has a stable code, a sentence and what caused it', () => {
    const cause = new Error('EPERM');
    const error = new NavalisError('no-privilege', 'It may not.', cause);
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.code, error.message, error.cause]).toEqual([
      'NavalisError',
      'no-privilege',
      'It may not.',
      cause,
    ]);
    expect('cause' in new NavalisError('internal', 'x')).toBe(false);
  });
});

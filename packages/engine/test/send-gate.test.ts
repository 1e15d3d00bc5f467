import { Ipv4Policy, parseIpv4 } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import { Counters, createPacketRun, type PacketRun, SendGate } from '../src/index.ts';
import { RecordingOutputs } from '../src/testing.ts';

const publicAddress = parseIpv4('192.0.2.1')!;
const privateAddress = parseIpv4('10.0.0.1')!;

function createGate() {
  const outputs = new RecordingOutputs();
  const counters = new Counters();
  return { outputs, counters, gate: new SendGate(outputs, new Ipv4Policy({ strictness: 'rfc4380' }), counters) };
}

const memory = Uint8Array.of(1, 2, 3, 4, 5);
const run: PacketRun = {
  ...createPacketRun(memory),
  packetLength: 2,
  lastPacketLength: 1,
  count: 3,
  headerStride: 2,
};

describe('the gate for datagrams', () => {
  it('[SEC-05a][SEC-13a] refuses endpoints that are not global, and port 0, and counts nothing', () => {
    const { gate, outputs, counters } = createGate();
    expect(gate.allows(publicAddress, 1)).toBe(true);
    for (const [address, port] of [
      [privateAddress, 3544],
      [publicAddress, 0],
    ] as const) {
      expect(gate.allows(address, port)).toBe(false);
      expect(gate.send(run, address, port)).toBe(false);
    }
    expect(outputs.takeDatagrams()).toEqual([]);
    expect([counters.datagramsSent, counters.octetsSent]).toEqual([0, 0]);
  });

  it('sends what it allows, and counts each datagram of a run with its octets', () => {
    const { gate, outputs, counters } = createGate();
    expect(gate.send(run, publicAddress, 1)).toBe(true);
    expect(outputs.takeDatagrams()).toEqual(
      [Uint8Array.of(1, 2), Uint8Array.of(3, 4), Uint8Array.of(5)].map((payload) => ({
        payload,
        address: publicAddress,
        port: 1,
        portId: 0,
      })),
    );
    expect([counters.datagramsSent, counters.octetsSent]).toEqual([3, 5]);
    gate.send(run, publicAddress, 1);
    expect([counters.datagramsSent, counters.octetsSent]).toEqual([6, 10]);
  });

  it('sends everything from the port that it is told to use', () => {
    const { gate, outputs } = createGate();
    gate.from = 3;
    gate.send(run, publicAddress, 1);
    gate.sendTrusted(run, privateAddress, 7);
    expect(outputs.takeDatagrams().map(({ portId }) => portId)).toEqual([3, 3, 3, 3, 3, 3]);
  });

  it('asks nobody about the endpoint of a trusted peer', () => {
    const { gate, outputs } = createGate();
    gate.sendTrusted(run, privateAddress, 7);
    expect(outputs.takeDatagrams().map(({ address, port }) => [address, port])).toEqual([
      [privateAddress, 7],
      [privateAddress, 7],
      [privateAddress, 7],
    ]);
  });
});

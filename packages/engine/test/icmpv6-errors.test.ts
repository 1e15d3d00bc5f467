import { parseIpv6, writeIpv6 } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import { Counters, createPacketRun, Icmpv6Errors, type PacketRun, pointRunAt } from '../src/index.ts';
import { RecordingOutputs } from '../src/testing.ts';

const from = parseIpv6('2001:db8::99')!;
const source = parseIpv6('2001:db8::1')!;

/** A UDP packet of 48 octets from `source`, three octets into its memory. */
function cause(): PacketRun {
  const bytes = new Uint8Array(60).fill(0xee);
  bytes.set([0x60, 0, 0, 0, 0, 8, 17, 64], 3);
  writeIpv6(bytes, 11, source);
  writeIpv6(bytes, 27, parseIpv6('2001:db8::2')!);
  const run = createPacketRun(bytes);
  pointRunAt(run, 3, 48);
  return run;
}

function createErrors() {
  const outputs = new RecordingOutputs();
  const counters = new Counters();
  return { outputs, counters, errors: new Icmpv6Errors(outputs, counters) };
}

describe('ICMPv6 errors', () => {
  it('tell the sender that there is no way, with the packet', () => {
    const { errors, outputs, counters } = createErrors();
    errors.unreachable(from, 3, cause(), 0);
    const [error, ...others] = outputs.takePackets();
    expect(others).toEqual([]);
    expect(error).toHaveLength(40 + 8 + 48);
    const expected = new Uint8Array(32);
    writeIpv6(expected, 0, from);
    writeIpv6(expected, 16, source);
    expect(error!.subarray(8, 40)).toEqual(expected);
    expect([...error!.subarray(40, 42)]).toEqual([1, 3]);
    expect([...error!.subarray(44, 48)]).toEqual([0, 0, 0, 0]);
    expect(error!.subarray(48)).toEqual(cause().memory.subarray(3, 51));
    expect([counters.errorsSent, counters.packetsDelivered]).toEqual([1, 1]);
  });

  it('tell the sender of a packet that is too big how big it may be', () => {
    const { errors, outputs } = createErrors();
    errors.tooBig(from, 1280, cause(), 0);
    const [error] = outputs.takePackets();
    expect([...error!.subarray(40, 42)]).toEqual([2, 0]);
    expect([...error!.subarray(44, 48)]).toEqual([0, 0, 5, 0]);
  });

  it('[SEC-35] are ten in any second that begins with one, of whatever kind', () => {
    const { errors, outputs, counters } = createErrors();
    const send = (now: number) => {
      if (now % 2 === 0) errors.unreachable(from, 0, cause(), now);
      else errors.tooBig(from, 1280, cause(), now);
      return outputs.takePackets().length;
    };
    expect(Array.from({ length: 12 }, (_, index) => send(5000 + index))).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
    expect([send(5999), send(6000), send(6001)]).toEqual([0, 1, 1]);
    expect([counters.errorsSent, counters.packetsDelivered]).toEqual([12, 12]);
  });

  it('never follow an ICMPv6 error, and none takes the place of another', () => {
    const { errors, outputs } = createErrors();
    const error = cause();
    error.memory[3 + 6] = 58;
    error.memory[3 + 40] = 1;
    for (let time = 0; time < 20; time++) errors.unreachable(from, 0, error, time);
    expect(outputs.takePackets()).toEqual([]);
    errors.unreachable(from, 0, cause(), 20);
    expect(outputs.takePackets()).toHaveLength(1);
  });
});

import { Counters, type RandomSource } from '@navalis/engine';
import { RecordingOutputs } from '@navalis/engine/testing';
import { describe, expect, it } from 'vitest';
import { ClientPorts } from '../src/ports/client-ports.ts';

function filledWith(octet: number): RandomSource {
  return { fill: (target) => void target.fill(octet) };
}

describe('[PP-27] a random port of a client', () => {
  it.each([
    { octet: 0, port: 49_152 },
    { octet: 0xff, port: 65_535 },
  ])('has number $port when the octets drawn are $octet', ({ octet, port }) => {
    const ports = new ClientPorts(new RecordingOutputs(), new Counters(), undefined);
    expect(ports.openRandom(filledWith(octet))?.port).toBe(port);
  });

  it('is drawn 8 times when programs use the numbers', () => {
    const outputs = new RecordingOutputs();
    let asked = 0;
    outputs.openPort = () => {
      asked++;
      return 'port-taken';
    };
    expect(new ClientPorts(outputs, new Counters(), undefined).openRandom(filledWith(7))).toBeUndefined();
    expect(asked).toBe(8);
  });
});

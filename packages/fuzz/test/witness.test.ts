import { parseIpv4 } from '@navalis/address';
import { createDatagramRun, createPacketRun, type DatagramRun, type PacketRun, pointRunAt } from '@navalis/engine';
import { writeBubble } from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import { alice, aliceEndpoint, bob, carol, reserved } from '../src/cast.ts';
import { Dice } from '../src/dice.ts';
import { appendTrailers } from '../src/input/hostile-trailers.ts';
import { WatchedOutputs } from '../src/watched-outputs.ts';
import { Witness } from '../src/witness.ts';

type Party = typeof alice;

/** A bubble with a nonce. */
function bubble(source: Party, destination: Party, nonce: number): Uint8Array {
  const bytes = new Uint8Array(46);
  writeBubble(bytes, 0, source, destination);
  bytes.set([1, 4, 0, 0, 0, nonce], 40);
  return bytes;
}

function sent(source: Party, destination: Party, nonce: number): PacketRun {
  const run = createPacketRun(bubble(source, destination, nonce));
  pointRunAt(run, 0, 46);
  return run;
}

function received(source: Party, destination: Party, nonce: number, from: string): DatagramRun {
  const run = createDatagramRun(bubble(source, destination, nonce));
  pointRunAt(run, 0, 46);
  run.sourceAddress = parseIpv4(from)!;
  run.sourcePort = 7;
  return run;
}

describe('the witness of stories', () => {
  it('[SEC-23][HP-17] objects to special destinations, and to private ones of peers that are no neighbours', () => {
    const witness = new Witness(new WatchedOutputs(0));
    const judge = (destination: Party, address: string) =>
      witness.judgeDestination(sent(alice, destination, 1), parseIpv4(address)!, aliceEndpoint.address);
    for (const address of ['0.1.2.3', '127.0.0.1', '169.254.1.1', '224.0.0.253', '255.255.255.255', '10.0.0.255']) {
      expect(() => judge(carol, address)).toThrow(address);
    }
    expect(() => witness.judgeDestination(sent(alice, carol, 1), reserved, aliceEndpoint.address)).toThrow('240.0.0.1');
    expect(() => judge(bob, '10.0.0.6')).toThrow('private');
    expect(() => judge(carol, '10.0.0.6')).not.toThrow();
    expect(() => judge(bob, '8.8.8.8')).not.toThrow();
  });

  it('[SNS-08] believes a source from its own endpoint, and where it repeated its nonce', () => {
    const outputs = new WatchedOutputs(0);
    const witness = new Witness(outputs);
    outputs.sendDatagrams(sent(alice, bob, 5), 1, 1);
    const elsewhere = '198.51.100.77';
    const judge = (from: string) => witness.judgeSource(sent(bob, alice, 0), received(bob, alice, 0, from));
    witness.sees(received(bob, alice, 6, elsewhere));
    witness.sees(received(carol, alice, 5, elsewhere));
    expect(() => judge(elsewhere)).toThrow('proven');
    witness.sees(received(bob, alice, 5, elsewhere));
    expect(() => judge(elsewhere)).not.toThrow();
    expect(() => judge('198.51.100.78')).toThrow('proven');
  });
});

it('hostile trailers are of all kinds: known, unknown, cut short, a thousand', () => {
  const types = new Set<number>();
  const lengths = new Set<number>();
  for (let seed = 0; seed < 500; seed++) {
    const bytes = new Uint8Array(8192);
    const length = appendTrailers(new Dice(seed), bytes, 40, [7]);
    if (length > 40) types.add(bytes[40]!);
    lengths.add(length);
  }
  expect([...types]).toEqual(expect.arrayContaining([0x01, 0x02, 0x03, 0x04, 0x05, 0x40, 0x80]));
  expect(lengths.size).toBeGreaterThan(50);
  expect(Math.max(...lengths)).toBeGreaterThan(7000);
});

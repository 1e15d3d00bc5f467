import type { DropReason } from '@navalis/engine';
import { DatagramLayout, readDatagram } from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import type { KnownNonces } from '../src/index.ts';
import { advertisementBytes, partsFor } from './advertisement-bytes.ts';
import { endpoint, otherServer, readSolicitation, runOf, server, World } from './world.ts';

const seen = endpoint('192.0.2.1:50001');
const nonce = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const known: KnownNonces = {
  isEmpty: false,
  includes: (bytes, offset) => nonce.every((octet, index) => bytes[offset + index] === octet),
};

/** A qualified client whose server falls silent: the test answers. */
function qualified(): World {
  const world = new World({ servers: [server, otherServer] }).start();
  world.mappingTowards = () => undefined;
  world.solicitations.length = 0;
  return world;
}

/** Sends one solicitation from random port 3. */
function solicit(world: World, isSecondary: boolean) {
  world.qualification.echo.solicit(3, isSecondary, nonce);
  world.settle();
  return world.solicitations.splice(0);
}

/** Returns the judgement of an answer to a solicitation that went to the secondary address, or to the primary one. */
function judge(world: World, isSecondary: boolean, from: number, answersNonce = nonce): number | DropReason {
  const [sent] = solicit(world, isSecondary);
  const solicitation = { ...readSolicitation(sent!.datagram.payload), nonce: answersNonce };
  const payload = advertisementBytes(partsFor(server.primary, seen, solicitation));
  const run = runOf(payload, { address: from, port: 3544 });
  const layout = new DatagramLayout();
  expect(readDatagram(run.memory, run.offset, payload.length, layout)).toBeUndefined();
  return world.qualification.echo.judge(run, layout, isSecondary, known);
}

describe('[SPS-18] an echo test', () => {
  it('solicits either address of the server in use, from a random port, with the nonce that it is given', () => {
    const world = qualified();
    for (const [isSecondary, address] of [
      [false, server.primary],
      [true, server.secondary],
    ] as const) {
      const sent = solicit(world, isSecondary);
      expect(sent).toMatchObject([{ address, port: 3544, datagram: { portId: 3 } }]);
      expect(readSolicitation(sent[0]!.datagram.payload).nonce).toEqual(nonce);
    }
  });

  it('learns the external port from an answer of the address that was asked', () => {
    const world = qualified();
    expect(judge(world, false, server.primary)).toBe(50_001);
    expect(judge(world, true, server.secondary)).toBe(50_001);
  });

  it('drops an answer of the other address, and one with another nonce', () => {
    const world = qualified();
    expect(judge(world, false, server.secondary)).toBe('endpoint-mismatch');
    expect(judge(world, true, server.primary)).toBe('endpoint-mismatch');
    expect(judge(world, true, server.secondary, Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1))).toBe('nonce-mismatch');
  });

  it('changes neither state nor address, whatever the answer says', () => {
    const world = qualified();
    const { state } = world.qualification;
    judge(world, false, server.primary);
    judge(world, true, server.secondary);
    expect(world.qualification.state).toBe(state);
    expect(world.eventKinds()).toEqual(['qualification-started', 'address-assigned']);
  });
});

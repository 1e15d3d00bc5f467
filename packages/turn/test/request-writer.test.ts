import { seededRandom } from '@navalis/engine/testing';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import { Channels } from '../src/client/channels.ts';
import { methodOf, RequestWriter } from '../src/client/request-writer.ts';
import type { TurnRequest } from '../src/client/transactions.ts';
import { TurnSession } from '../src/client/turn-session.ts';
import { readStunMessage, StunLayout, StunWriter, stunAttributes } from '../src/index.ts';
import { hex } from './vectors.ts';
import { ipv4, peer } from './world.ts';

const id = hex('000102030405060708090a0b');
const header = '2112a442 000102030405060708090a0b';

const allocate: TurnRequest = { kind: 'allocate' };
const refresh: TurnRequest = { kind: 'refresh', lifetime: 300, isCheck: false };
const permitFirst: TurnRequest = {
  kind: 'permit-first',
  addresses: [ipv4('198.51.100.10'), ipv4('198.51.100.11')],
};
const permit: TurnRequest = { kind: 'permit', address: ipv4('203.0.113.77') };
const bind: TurnRequest = { kind: 'bind', row: 1, channel: 0x4001 };

interface Scene {
  readonly session: TurnSession;
  readonly writer: RequestWriter;
}

/** A writer without a challenge, with 203.0.113.77:40000 in row 1 of its channels. */
function newScene(): Scene {
  const session = new TurnSession({ username: 'alice', password: 'secret' });
  const channels = new Channels(seededRandom(3));
  channels.count(ipv4('203.0.113.1'), 1, 1, 0);
  channels.count(peer.address, peer.port, 1, 0);
  return { session, writer: new RequestWriter(session, channels) };
}

describe('requests', () => {
  it('have the method of their kind', () => {
    expect([allocate, refresh, permitFirst, permit, bind].map(methodOf)).toEqual([3, 4, 8, 8, 9]);
  });

  it('[TU-04] for an allocation ask for UDP and 600 s', () => {
    expect(newScene().writer.write(allocate, id)).toEqual(
      hex(`0003 0010 ${header} 00190004 11000000 000d0004 00000258`),
    );
  });

  it('for a refresh tell the lifetime', () => {
    expect(newScene().writer.write(refresh, id)).toEqual(hex(`0004 0008 ${header} 000d0004 0000012c`));
  });

  it('[TU-06] for the first permissions name all addresses, with port 0', () => {
    expect(newScene().writer.write(permitFirst, id)).toEqual(
      hex(`0008 0018 ${header} 00120008 00012112 e721c048 00120008 00012112 e721c049`),
    );
  });

  it('for a permission name the address, with port 0', () => {
    expect(newScene().writer.write(permit, id)).toEqual(hex(`0008 000c ${header} 00120008 00012112 ea12d50f`));
  });

  it('for a channel tell its number and the endpoint of its row', () => {
    expect(newScene().writer.write(bind, id)).toEqual(
      hex(`0009 0014 ${header} 000c0004 40010000 00120008 0001bd52 ea12d50f`),
    );
  });

  it('have messages of their own', () => {
    const { writer } = newScene();
    const message = writer.write(permitFirst, id);
    const copy = message.slice();
    writer.write(allocate, hex('ffffffffffffffffffffffff'));
    expect(message).toEqual(copy);
  });

  it('[TU-03] are signed after a challenge', () => {
    const { session, writer } = newScene();
    const challenge = new StunWriter(256)
      .begin(3, 3, id)
      .value(stunAttributes.realm, utf8ToBytes('example.org'))
      .value(stunAttributes.nonce, utf8ToBytes('nonce'));
    const layout = new StunLayout();
    readStunMessage(challenge.bytes, 0, challenge.length, layout);
    expect(session.challenge(challenge.bytes, layout)).toBe(true);
    const message = writer.write(refresh, id);
    expect(message.slice(0, -20)).toEqual(
      hex(`0004 0048 ${header} 000d0004 0000012c
        00060005 616c696365000000 0014000b 6578616d706c652e6f726700 00150005 6e6f6e6365000000 00080014`),
    );
    readStunMessage(message, 0, message.length, layout);
    expect(session.isAuthentic(message, layout)).toBe(true);
  });

  it('have 2,560 octets at most', () => {
    const { writer } = newScene();
    const addresses = Array.from({ length: 211 }, (_, index) => index);
    expect(writer.write({ kind: 'permit-first', addresses }, id)).toHaveLength(2_552);
    expect(() => writer.write({ kind: 'permit-first', addresses: [...addresses, 211] }, id)).toThrow(
      new RangeError('The message does not fit.'),
    );
  });
});

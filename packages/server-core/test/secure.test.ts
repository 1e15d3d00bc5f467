import { RecordingOutputs, receiveDatagram, seededRandom } from '@navalis/engine/testing';
import { DatagramLayout, MessageAuthenticator, readDatagram } from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import { type ClientKey, ClientKeys, createServerEngine, type ServerOptions } from '../src/index.ts';
import {
  advertisement,
  aliceEndpoint,
  bytesOf,
  join,
  nonceAuthentication,
  policy,
  primary,
  secondary,
  solicitation,
} from './packets.ts';

const originOfAlice = bytesOf('0000efff3ffffdfe');
/** Section 18.3. */
const aliceAuthentication = bytesOf('00010514 616c696365 57d7af2c42789657ab89a491ae3dd747db25c06d 0102030405060708 00');
const aliceAnswer = bytesOf('00010514 616c696365 85defc1f91870a452d211744c3f860d2e2026bea 0102030405060708 00');
const askOfAlice = join(aliceAuthentication, solicitation);
const aliceKey = keyOf('alice', 'teredo-test-secret');
const bobKey: ClientKey = { ...keyOf('bob', 'another secret'), algorithm: 'hmac-sha256' };

function keyOf(name: string, secret: string, shouldRenew = false): ClientKey {
  return {
    clientIdentifier: ascii(name),
    secret: ascii(secret),
    algorithm: 'hmac-sha1',
    shouldRenew,
  };
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function serve(options: Partial<ServerOptions> = {}) {
  const outputs = new RecordingOutputs();
  const clientKeys = new ClientKeys([aliceKey, bobKey]);
  const engine = createServerEngine(
    { primary, secondary, policy, rateLimit: true, clientKeys, requireSecure: true, ...options },
    outputs,
    seededRandom(1),
  );
  engine.start(0);
  return {
    clientKeys,
    drops: () => engine.status().counters.drops,
    ask(payload: Uint8Array) {
      receiveDatagram(engine, payload, aliceEndpoint, 0);
      return outputs.takeDatagrams().map((datagram) => datagram.payload);
    },
  };
}

function askOf(key: ClientKey): Uint8Array {
  const authenticator = new MessageAuthenticator(key);
  const bytes = join(new Uint8Array(authenticator.length), solicitation);
  authenticator.begin(bytes, 0, bytesOf('0102030405060708'), 0);
  authenticator.finish(bytes, 0, bytes.length);
  return bytes;
}

function layoutOf(bytes: Uint8Array): DatagramLayout {
  const layout = new DatagramLayout();
  expect(readDatagram(bytes, 0, bytes.length, layout)).toBeUndefined();
  return layout;
}

describe('secure qualification at the server', () => {
  it('[SV-A-09][SV-A-10][SV-A-12] the answer carries identifier, nonce and the value of the vector', () => {
    expect(serve().ask(askOfAlice)).toEqual([join(aliceAnswer, originOfAlice, advertisement)]);
  });

  it('[SV-A-12] each client has a secret and an algorithm of its own', () => {
    const server = serve();
    const [answer] = server.ask(askOf(bobKey));
    const layout = layoutOf(answer!);
    expect(new MessageAuthenticator(bobKey).verify(answer!, layout)).toBe(true);
    expect(server.ask(askOf({ ...bobKey, secret: aliceKey.secret }))).toEqual([]);
    expect(server.ask(askOf({ ...aliceKey, secret: bobKey.secret }))).toEqual([]);
  });

  it('[SV-R-05] required, and absent, nonce-only, unknown, truncated or wrong: no answer', () => {
    const server = serve();
    const refused = [
      solicitation,
      join(nonceAuthentication, solicitation),
      askOf(keyOf('mallory', 'teredo-test-secret')),
      askOf(keyOf('alice', 'wrong')),
      askOf({ ...aliceKey, algorithm: 'hmac-sha256' }),
      join(bytesOf('0001050a 616c696365 57d7af2c42789657ab89 0102030405060708 00'), solicitation),
      join(bytesOf('00010500 616c696365 0102030405060708 00'), solicitation),
    ];
    for (const payload of refused) expect(server.ask(payload)).toEqual([]);
    for (let octet = 9; octet < aliceAuthentication.length; octet++) {
      const forged = askOfAlice.slice();
      forged[octet]! ^= 0x80;
      expect(server.ask(forged)).toEqual([]);
    }
    expect(server.drops()).toEqual({ 'authentication-failed': refused.length + aliceAuthentication.length - 9 });
    // None of that counted against the client whose endpoint it came from.
    expect(server.ask(askOfAlice)).toHaveLength(1);
  });

  it('[SV-A-13] not required: nonce-only is echoed, a wrong value gets no answer all the same', () => {
    const server = serve({ requireSecure: false });
    const echoed = join(nonceAuthentication, originOfAlice, advertisement);
    expect(server.ask(join(nonceAuthentication, solicitation))).toEqual([echoed]);
    expect(server.ask(askOf(keyOf('alice', 'wrong')))).toEqual([]);
    expect(server.ask(askOfAlice)).toHaveLength(1);
  });

  it('[SV-A-11] confirmation 0 for a good key, 1, and covered by the value, for one to be renewed', () => {
    const server = serve();
    expect(layoutOf(server.ask(askOfAlice)[0]!).confirmation).toBe(0);
    server.clientKeys.replace([{ ...aliceKey, shouldRenew: true }]);
    const [answer] = server.ask(askOfAlice);
    const layout = layoutOf(answer!);
    expect(layout.confirmation).toBe(1);
    expect(new MessageAuthenticator(aliceKey).verify(answer!, layout)).toBe(true);
  });

  it('[SV-R-05] keys are replaced while the server runs', () => {
    const server = serve();
    const carolKey = keyOf('carol', 'third');
    expect(server.ask(askOf(carolKey))).toEqual([]);
    server.clientKeys.replace([carolKey]);
    expect(server.ask(askOf(carolKey))).toHaveLength(1);
    expect(server.ask(askOfAlice)).toEqual([]);
  });

  it('[SV-A-19] an authenticated solicitation that is replayed is limited like any other', () => {
    const server = serve();
    const answers = Array.from({ length: 500 }, () => server.ask(askOfAlice).length);
    expect(answers.filter((count) => count > 0)).toHaveLength(200);
  });
});

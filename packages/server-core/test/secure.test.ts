import { RecordingOutputs, receiveDatagram, seededRandom } from '@navalis/engine/testing';
import { DatagramLayout, MessageAuthenticator, readDatagram } from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import { type ClientKey, ClientKeys, createServerEngine, type ServerOptions } from '../src/index.ts';
import {
  advertisement,
  aliceEndpoint,
  bobEndpoint,
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
    replaceKeys: (keys: readonly ClientKey[]) => engine.replaceClientKeys(keys),
    drops: () => engine.status().counters.drops,
    /** Returns the failures reported since the last call. */
    failures: () => outputs.events.splice(0).filter((event) => event.kind === 'authentication-failed'),
    ask(payload: Uint8Array, from = aliceEndpoint, now = 0) {
      receiveDatagram(engine, payload, from, now);
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
    server.replaceKeys([{ ...aliceKey, shouldRenew: true }]);
    const [answer] = server.ask(askOfAlice);
    const layout = layoutOf(answer!);
    expect(layout.confirmation).toBe(1);
    expect(new MessageAuthenticator(aliceKey).verify(answer!, layout)).toBe(true);
  });

  it('[SV-R-05] keys are replaced while the server runs', () => {
    const server = serve();
    const carolKey = keyOf('carol', 'third');
    expect(server.ask(askOf(carolKey))).toEqual([]);
    server.replaceKeys([carolKey]);
    expect(server.ask(askOf(carolKey))).toHaveLength(1);
    expect(server.ask(askOfAlice)).toEqual([]);
  });

  it('[SV-A-13] without any keys, a client that names itself is answered like any other', () => {
    const server = serve({ clientKeys: undefined, requireSecure: false });
    server.replaceKeys([aliceKey]);
    expect(server.ask(askOfAlice)).toEqual([join(nonceAuthentication, originOfAlice, advertisement)]);
    expect(server.ask(solicitation)).toEqual([join(originOfAlice, advertisement)]);
  });

  it('[SV-A-13] with keys that are not required, a client without an identifier is answered', () => {
    expect(serve({ requireSecure: false }).ask(solicitation)).toEqual([join(originOfAlice, advertisement)]);
  });

  it('[SV-A-12] clients are told apart whose identifiers hash alike', () => {
    // Pairs with one 32-bit FNV-1a hash.
    const pairs = [
      ['costarring', 'liquid'],
      ['declinate', 'macallums'],
      ['alice', 'alicexnka5he'],
    ] as const;
    for (const [one, other] of pairs) {
      const server = serve();
      server.replaceKeys([keyOf(one, 'first'), keyOf(other, 'second')]);
      expect([server.ask(askOf(keyOf(one, 'first'))), server.ask(askOf(keyOf(other, 'second')))]).toMatchObject([
        [expect.anything()],
        [expect.anything()],
      ]);
      for (const [known, unknown] of [
        [one, other],
        [other, one],
      ] as const) {
        const another = serve();
        another.replaceKeys([keyOf(known, 'first')]);
        expect(another.ask(askOf(keyOf(unknown, 'first')))).toEqual([]);
        expect(another.failures()).toMatchObject([{ reason: 'unknown-identifier', identifier: unknown }]);
      }
    }
  });

  it('[SV-A-19a] an authenticated solicitation that is replayed is limited like any other', () => {
    const server = serve();
    const answers = Array.from({ length: 500 }, () => server.ask(askOfAlice).length);
    expect(answers.filter((count) => count > 0)).toHaveLength(200);
  });
});

describe('a failed authentication', () => {
  it('[SV-R-05] is reported with identifier, endpoint and cause', () => {
    const server = serve();
    server.ask(solicitation);
    server.ask(join(nonceAuthentication, solicitation), bobEndpoint);
    server.ask(askOf(keyOf('mallory', 'teredo-test-secret')));
    server.ask(askOf(keyOf('alice', 'wrong')));
    server.ask(askOf({ ...aliceKey, algorithm: 'hmac-sha256' }), bobEndpoint);
    const common = { kind: 'authentication-failed', untold: 0 };
    expect(server.failures()).toEqual([
      { ...common, reason: 'no-identifier', identifier: undefined, source: aliceEndpoint },
      { ...common, reason: 'no-identifier', identifier: undefined, source: bobEndpoint },
      { ...common, reason: 'unknown-identifier', identifier: 'mallory', source: aliceEndpoint },
      { ...common, reason: 'wrong-secret', identifier: 'alice', source: aliceEndpoint },
      { ...common, reason: 'wrong-secret', identifier: 'alice', source: bobEndpoint },
    ]);
    expect(server.ask(askOfAlice)).toHaveLength(1);
    expect(server.failures()).toEqual([]);
  });

  it('[SV-R-05] is one of an unknown client where the server has no keys at all', () => {
    const server = serve({ clientKeys: undefined });
    server.ask(askOfAlice);
    expect(server.failures()).toMatchObject([{ reason: 'unknown-identifier', identifier: 'alice' }]);
  });

  it('[SEC-28] shows neither a secret nor characters that would end a log line', () => {
    const server = serve();
    server.ask(askOf(keyOf('a\n"\\\u001b[2J\u00e9 b\u007f!~', 'very secret')));
    server.ask(askOf(keyOf('x'.repeat(255), 'very secret')), bobEndpoint);
    const told = server.failures();
    expect(told).toMatchObject([
      { identifier: 'a\\x0a\\x22\\x5c\\x1b[2J\\xe9\\x20b\\x7f!~' },
      { identifier: `${'x'.repeat(64)}...` },
    ]);
    expect(JSON.stringify(told)).not.toContain('very secret');
  });

  it('[SV-R-05] that repeats is told again after a minute, with how many were left out', () => {
    const server = serve();
    const wrong = askOf(keyOf('alice', 'wrong'));
    for (let now = 0; now < 60_000; now += 1000) server.ask(wrong, { ...aliceEndpoint, port: now + 1 }, now);
    expect(server.failures()).toHaveLength(1);
    server.ask(wrong, aliceEndpoint, 60_000);
    expect(server.failures()).toMatchObject([{ untold: 59 }]);
    server.ask(askOf(keyOf('eve', 'wrong')), aliceEndpoint, 60_000);
    expect(server.failures()).toMatchObject([{ identifier: 'eve', untold: 0 }]);
  });

  it("[SV-R-05] that repeats late in a server's life, of several clients in turn, is told once a minute for each", () => {
    const server = serve();
    const day = 86_400_000;
    // The hashes of the last two differ in their lower bits only, as do the two addresses.
    const clients = ['alice', 'eve', 'client-19', 'client-45'].map((name) => askOf(keyOf(name, 'wrong')));
    const neighbour = { ...aliceEndpoint, address: aliceEndpoint.address + 1 };
    for (const now of [day, day + 20_000, day + 59_999]) {
      for (const client of clients) server.ask(client, aliceEndpoint, now);
      server.ask(clients[0]!, neighbour, now);
    }
    expect(server.failures().map(({ identifier, source }) => [identifier, source.address])).toEqual([
      ['alice', aliceEndpoint.address],
      ['eve', aliceEndpoint.address],
      ['client-19', aliceEndpoint.address],
      ['client-45', aliceEndpoint.address],
      ['alice', neighbour.address],
    ]);
    for (const client of clients) server.ask(client, aliceEndpoint, day + 60_000);
    expect(server.failures()).toHaveLength(4);
  });

  it('[SV-R-05] is reported five times at once and at most six times a minute, for all clients together', () => {
    const server = serve();
    let clients = 0;
    const flood = (now: number) => {
      for (let i = 0; i < 10; i++) server.ask(askOf(keyOf(`client-${clients++}`, 'wrong')), bobEndpoint, now);
    };
    flood(0);
    expect(server.failures()).toHaveLength(5);
    for (let now = 100; now <= 60_000; now += 100) flood(now);
    const told = server.failures();
    expect(told).toHaveLength(6);
    expect(Math.min(...told.map(({ untold }) => untold))).toBeGreaterThan(900);
    // A day of silence earns five, and no more.
    flood(86_400_000);
    expect(server.failures()).toHaveLength(5);
  });
});

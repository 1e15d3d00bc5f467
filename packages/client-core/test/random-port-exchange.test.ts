import { noExtensions } from '@navalis/traversal';
import { describe, expect, it } from 'vitest';
import {
  addressRestricted,
  cone,
  Exchange,
  portPreserving,
  portRestricted,
  portSymmetric,
  type Site,
  type SiteNat,
} from './exchange.ts';

const extensions = { ...noExtensions, symmetricNatSupport: true, portPreserving: true, sequentialPorts: true };

/** Returns the bubbles since the last call, with the names of the sites for the random ports that they opened. */
function bubblesOf(exchange: Exchange): string[] {
  const named = (bubble: string, { name, outputs }: Site) =>
    outputs.openedPorts.reduce((text, { port }) => text.replace(`port${port}`, `port of ${name}`), bubble);
  return exchange.bubbles().map((bubble) => named(named(bubble, exchange.a), exchange.b));
}

function openPorts({ outputs: { openedPorts, closedPorts } }: Site): number {
  return openedPorts.filter(({ id }) => !closedPorts.includes(id)).length;
}

describe('two clients behind port-preserving symmetric NATs', () => {
  it('[PP-04][PP-09][PP-10][PP-11][PP-12][PP-14][PP-21][PP-22][PP-25][PP-26] do what the example of RFC 6081 6.3 does', () => {
    const exchange = new Exchange(portPreserving, portPreserving, { extensions });
    const { a, b } = exchange;
    expect(a.client.status()).toMatchObject({ nat: 'symmetric', isPortPreserving: true });
    // The answer of PP-32 is lost, which the example does without.
    let answers = 0;
    exchange.loses = (from, { portId }) => from === b && portId !== 0 && ++answers === 2;
    exchange.send(a, b, 1);
    expect(bubblesOf(exchange)).toEqual([
      'A direct lost',
      'A indirect nonce1 port of A',
      'B direct nonce1 lost',
      'B random direct nonce1 port of B lost',
      'B indirect nonce2 port of B',
      'A direct nonce2 lost',
      'A random direct nonce2 port of A',
      'B random direct nonce1 port of B lost',
    ]);
    expect([openPorts(a), openPorts(b), exchange.received(b)]).toEqual([1, 1, []]);
    exchange.pass(2000);
    expect(bubblesOf(exchange)).toEqual([
      'A direct nonce2 lost',
      'A random direct nonce2 port of A',
      'A indirect nonce3 port of A',
      'B random direct nonce3 port of B',
      'A random direct nonce2 port of A',
    ]);
    expect(exchange.received(b)).toEqual([1]);
    for (const mark of [2, 3]) {
      exchange.send(b, a, mark);
      exchange.send(a, b, mark);
      expect([exchange.received(a), exchange.received(b)]).toEqual([[mark], [mark]]);
    }
    expect([bubblesOf(exchange), openPorts(a), openPorts(b)]).toEqual([[], 1, 1]);
  });

  it('[PP-32] need no time-out, since each answers once at the port where it was reached', () => {
    const exchange = new Exchange(portPreserving, portPreserving, { extensions });
    const { a, b } = exchange;
    exchange.send(a, b, 1);
    expect(bubblesOf(exchange).slice(6)).toEqual([
      'A random direct nonce2 port of A',
      'B random direct nonce1 port of B',
      'A random direct nonce2 port of A',
    ]);
    exchange.send(b, a, 2);
    expect([exchange.received(a), exchange.received(b), bubblesOf(exchange)]).toEqual([[2], [1], []]);
  });

  it('[PP-05][PP-06][PP-07][PP-08][PP-27][PP-30] refresh the mapping 20 times after the last data, then close the port', () => {
    const exchange = new Exchange(portPreserving, portPreserving, { extensions });
    const { a, b } = exchange;
    exchange.send(a, b, 1);
    bubblesOf(exchange);
    exchange.pass(29_999);
    expect(bubblesOf(exchange)).toEqual([]);
    exchange.send(a, b, 2);
    exchange.pass(1);
    // B sent no data at all.
    expect(bubblesOf(exchange)).toEqual(['B random direct nonce1 port of B']);
    let [fromA, fromB] = [0, 1];
    for (let round = 0; round < 20; round++) {
      exchange.pass(30_000);
      const sent = bubblesOf(exchange);
      expect(sent.filter((bubble) => !bubble.includes('random direct'))).toEqual([]);
      fromA += sent.filter((bubble) => bubble.startsWith('A')).length;
      fromB += sent.filter((bubble) => bubble.startsWith('B')).length;
    }
    expect([fromA, fromB]).toEqual([20, 20]);
    exchange.pass(60_000);
    expect([bubblesOf(exchange), openPorts(a), openPorts(b)]).toEqual([[], 0, 0]);
    exchange.send(b, a, 3);
    exchange.pass(4000);
    expect(exchange.received(a)).toEqual([3]);
  });
});

describe('a client behind a sequential symmetric NAT, and one behind a port-restricted NAT', () => {
  it('[SPS-05][SPS-06][SPS-07][SPS-08][SPS-12][SPS-13][SPS-15][SPS-20][SPS-21][SPS-22][PP-13] do what the example of RFC 6081 6.4 does', () => {
    const exchange = new Exchange(portSymmetric, portRestricted, { extensions });
    const { a, b } = exchange;
    expect(a.client.status()).toMatchObject({ nat: 'symmetric', isPortPreserving: false });
    exchange.send(a, b, 1);
    expect(bubblesOf(exchange)).toEqual([
      'A direct lost',
      'A random solicits primary',
      'A random direct lost',
      'A random solicits secondary',
      // The test's bubble has port 4100: the server's addresses see 4099 and 4101.
      'A indirect nonce1 port4100',
      'B direct nonce1 lost',
      'B indirect nonce2',
      'B direct nonce1',
      'A direct nonce2 lost',
      'A random direct nonce2 port4100',
      'B direct nonce1',
    ]);
    expect(exchange.received(b)).toEqual([1]);
    exchange.send(b, a, 2);
    expect(exchange.received(a)).toEqual([2]);
    exchange.pass(20_000);
    expect(bubblesOf(exchange)).toEqual([]);
  });
});

describe('random ports between NATs', () => {
  it.each<{ name: string; from: SiteNat; to: SiteNat; withinMs: number }>([
    { name: 'PPS to PR', from: portPreserving, to: portRestricted, withinMs: 2000 },
    { name: 'PR to PPS', from: portRestricted, to: portPreserving, withinMs: 2000 },
    { name: 'PPS to SQS', from: portPreserving, to: portSymmetric, withinMs: 0 },
    { name: 'PR to SQS', from: portRestricted, to: portSymmetric, withinMs: 0 },
  ])(
    '[PP-13][PP-31][SPS-07][SPS-12][SPS-22] $name: data both ways within $withinMs ms, also with one server, and again after a silence',
    (pair) => {
      for (const second of [undefined, { primary: 0xcb007178, secondary: 0xcb007179 }]) {
        const exchange = new Exchange(pair.from, pair.to, { extensions, ...(second && { second }) });
        const { a, b } = exchange;
        for (const silence of [700_000, 0]) {
          exchange.send(a, b, 1);
          exchange.pass(pair.withinMs);
          exchange.send(b, a, 2);
          expect([exchange.received(a), exchange.received(b)]).toEqual([[2], [1]]);
          exchange.pass(silence);
          a.forget();
          b.forget();
        }
      }
    },
  );

  it.each<{ name: string; nat: SiteNat }>([
    { name: 'cone', nat: cone },
    { name: 'address-restricted', nat: addressRestricted },
  ])('[PP-31][PP-17] $name peers never see the random port, which is closed', ({ nat }) => {
    for (const [from, to] of [
      [portPreserving, nat],
      [nat, portPreserving],
    ] as const) {
      const exchange = new Exchange(from, to, { extensions });
      const { a, b } = exchange;
      exchange.send(a, b, 1);
      exchange.send(b, a, 2);
      exchange.pass(20_000);
      expect([exchange.received(a), exchange.received(b)]).toEqual([[2], [1]]);
      expect(exchange.bubbles().some((bubble) => bubble.includes('random'))).toBe(false);
      expect([openPorts(a), openPorts(b)]).toEqual([0, 0]);
    }
  });

  it.each<{ name: string; nat: SiteNat }>([
    { name: 'cone', nat: cone },
    { name: 'address-restricted', nat: addressRestricted },
  ])('[PP-20][SPS-20] sequential and $name: data both ways at once', ({ nat }) => {
    for (const [from, to] of [
      [portSymmetric, nat],
      [nat, portSymmetric],
    ] as const) {
      const exchange = new Exchange(from, to, { extensions });
      const { a, b } = exchange;
      for (const mark of [1, 2]) {
        exchange.send(a, b, mark);
        exchange.send(b, a, mark);
        expect([exchange.received(a), exchange.received(b)]).toEqual([[mark], [mark]]);
      }
      exchange.pass(700_000);
      expect([openPorts(a), openPorts(b)]).toEqual([0, 0]);
    }
  });

  it.each<{ name: string; to: SiteNat }>([
    { name: 'port-preserving', to: portPreserving },
    { name: 'sequential', to: portSymmetric },
  ])(
    '[SPS-19][SPS-16][XC-14] sequential to $name fails within 8 s; one echo test, and no port stays open',
    ({ to }) => {
      const exchange = new Exchange(portSymmetric, to, { extensions });
      const { a, b } = exchange;
      exchange.send(a, b, 1);
      exchange.pass(8000);
      expect(exchange.received(a).length).toBe(1);
      exchange.pass(8000);
      expect([openPorts(a), openPorts(b)]).toEqual([0, 0]);
      const bubbles = exchange.bubbles();
      expect(bubbles.filter((bubble) => bubble === 'A random solicits primary').length).toBe(1);
      expect(bubbles.length).toBeLessThan(40);
      exchange.pass(100_000);
      expect([exchange.bubbles(), exchange.received(b)]).toEqual([[], []]);
    },
  );

  it('[PP-01][SPS-01] are not opened where the extensions are off, and no trailer is answered', () => {
    const off = { ...extensions, portPreserving: false, sequentialPorts: false };
    for (const nat of [portPreserving, portSymmetric]) {
      const exchange = new Exchange(nat, nat, { extensions: off });
      exchange.send(exchange.a, exchange.b, 1);
      exchange.pass(60_000);
      expect(exchange.bubbles().some((bubble) => /random|port/.test(bubble))).toBe(false);
    }
    const exchange = new Exchange(portSymmetric, portRestricted, { extensions: { ...off, portPreserving: true } });
    exchange.send(exchange.a, exchange.b, 1);
    expect(exchange.bubbles().some((bubble) => /random|port/.test(bubble))).toBe(false);
  });
});

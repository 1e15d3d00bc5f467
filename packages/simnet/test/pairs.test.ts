import { type NatKind, natPairs } from '@navalis/nat';
import { noExtensions } from '@navalis/traversal';
import { describe, expect, it } from 'vitest';
import { forEachSeed, internet, supportedNatKinds, symmetricNatKinds } from '../src/index.ts';
import { connect, pairOf } from '../src/scenarios/pair.ts';

describe('two clients behind NATs of their own', () => {
  const pairs = (some: readonly NatKind[], others: readonly NatKind[]) =>
    some.flatMap((from) => others.map((to) => ({ from, to })));
  const portSymmetric = symmetricNatKinds.filter((kind) => kind !== 'address-symmetric');

  it.each([
    ...pairs(['cone'], symmetricNatKinds),
    ...pairs(symmetricNatKinds, ['cone']),
    ...pairs(['address-restricted'], portSymmetric),
    ...pairs(portSymmetric, ['address-restricted']),
  ])('[SNS-01][SNS-13][SNS-18] $from to $to: connected by nonces, data both ways', ({ from, to }) => {
    forEachSeed(4, (seed) => {
      const pair = pairOf(from, to, { seed });
      expect(connect(pair).kind).toBe('connected');
      for (const [node, kind] of [
        [pair.alice, from],
        [pair.bob, to],
      ] as const) {
        expect(node.status.nat === 'symmetric').toBe(symmetricNatKinds.includes(kind));
      }
    });
  });

  it.each(natPairs.filter(({ need }) => need === 'SNS+UPNP'))(
    '[UPNP-13][UPNP-14] $from to $to: connected at the endpoints that routers forward, data both ways',
    ({ from, to }) => {
      forEachSeed(4, (seed) => expect(connect(pairOf(from, to, { seed })).kind).toBe('connected'));
    },
  );

  it.each(natPairs.filter(({ need }) => need === 'SNS+PP' || need === 'SNS+SPS'))(
    '[PP-13][PP-25][PP-31][SPS-12][SPS-22] $from to $to: connected through random ports, data both ways',
    ({ from, to }) => {
      forEachSeed(4, (seed) => expect(connect(pairOf(from, to, { seed })).kind).toBe('connected'));
    },
  );

  it.each(natPairs.filter(({ need }) => need === '-'))(
    '[XC-14] $from to $to: promised nothing, connected or refused in time',
    ({ from, to }) => {
      forEachSeed(2, (seed) => expect(['connected', 'failed']).toContain(connect(pairOf(from, to, { seed })).kind));
    },
  );

  it('with TURN behind symmetric NATs: all 81 pairs connect, and data passes the server where both NATs are symmetric', () => {
    for (const { from, to } of natPairs) {
      const outcome = connect(pairOf(from, to, { seed: 1, turn: true }));
      expect([from, to, outcome.kind]).toEqual([from, to, 'connected']);
      const areSymmetric = [from, to].every((kind) => symmetricNatKinds.includes(kind));
      if (areSymmetric) expect(outcome).toMatchObject({ isRelayed: true });
    }
  });

  const cells = supportedNatKinds.flatMap((from) => supportedNatKinds.map((to) => ({ from, to })));

  it.each(cells)('[CL-Q-22] $from to $to: qualified and connected, data both ways', ({ from, to }) => {
    forEachSeed(4, (seed) =>
      expect(connect(pairOf(from, to, { seed, extensions: noExtensions })).kind).toBe('connected'),
    );
  });

  it.each(symmetricNatKinds)('[CL-Q-23] %s without extensions: off-line within 24 s, for the right reason', (kind) => {
    forEachSeed(10, (seed) => {
      const net = internet({ seed });
      const alice = net.client({ nat: kind, server: net.server(), options: { extensions: noExtensions } });
      net.until('off-line', () => alice.status.state === 'off-line', 24_000);
      expect(alice.status.offlineReason).toBe('symmetric');
      expect(alice.address).toBeUndefined();
      expect(connect(pairOf(kind, 'cone', { seed, extensions: noExtensions }))).toEqual({
        kind: 'off-line',
        side: 'first',
      });
      expect(connect(pairOf('cone', kind, { seed, extensions: noExtensions }))).toEqual({
        kind: 'off-line',
        side: 'second',
      });
    });
  });
});

import { describe, expect, it } from 'vitest';
import { forEachSeed, internet, supportedNatKinds, symmetricNatKinds } from '../src/index.ts';
import { connect, pairOf } from '../src/scenarios/pair.ts';

describe('two clients behind NATs of their own', () => {
  const cells = supportedNatKinds.flatMap((from) => supportedNatKinds.map((to) => ({ from, to })));

  it.each(cells)('[CL-Q-22] $from to $to: qualified and connected, data both ways', ({ from, to }) => {
    forEachSeed(4, (seed) => expect(connect(pairOf(from, to, seed)).kind).toBe('connected'));
  });

  it.each(symmetricNatKinds)('[CL-Q-23] %s: off-line within 24 s, for the right reason', (kind) => {
    forEachSeed(10, (seed) => {
      const net = internet({ seed });
      const alice = net.client({ nat: kind, server: net.server() });
      net.until('off-line', () => alice.status.state === 'off-line', 24_000);
      expect(alice.status.offlineReason).toBe('symmetric');
      expect(alice.address).toBeUndefined();
      expect(connect(pairOf(kind, 'cone', seed))).toEqual({ kind: 'off-line', side: 'first' });
      expect(connect(pairOf('cone', kind, seed))).toEqual({ kind: 'off-line', side: 'second' });
    });
  });
});

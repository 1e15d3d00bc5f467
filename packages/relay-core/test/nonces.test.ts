import { parseIpv4 } from '@navalis/address';
import { noExtensions } from '@navalis/traversal';
import { writeNonceTrailer } from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import {
  bothKinds,
  bubble,
  client,
  clientEndpoint,
  localAddress,
  nativeHost,
  packet,
  type RelayLaboratory,
  relayLaboratory,
  serverEndpoint,
} from './laboratory.ts';

const extensions = { symmetricNatSupport: true };
const foreign = { address: clientEndpoint.address, port: 5000 };
const other = { address: parseIpv4('198.51.100.9')!, port: 5000 };

function withNonce(plain: Uint8Array, nonce: Uint8Array): Uint8Array {
  return Uint8Array.from([...plain, 1, 4, ...nonce]);
}

describe.each(bothKinds)('[HR-12] $name with nonces', ({ options }) => {
  const source = options.localAddress ?? localAddress;

  /** Sends a packet to the client; returns the nonce in the indirect bubble. */
  function probe(laboratory: RelayLaboratory, now = 0): Uint8Array {
    const sent = laboratory.send(packet(nativeHost, client), now);
    const indirect = sent.find(({ address }) => address === serverEndpoint.address)!;
    expect(sent.map(({ payload }) => payload.length)).toEqual([40, 46]);
    expect(indirect.payload.slice(40, 42)).toEqual(Uint8Array.of(1, 4));
    return indirect.payload.slice(42);
  }

  it('[RL-T-20] sends one on each indirect bubble, another each time, and no other trailer', () => {
    const laboratory = relayLaboratory({ ...options, extensions });
    const nonces = [probe(laboratory)];
    for (const { payload, address } of laboratory.runUntil(6000)) {
      if (address === serverEndpoint.address) nonces.push(payload.slice(42));
      expect(payload.length).toBe(address === serverEndpoint.address ? 46 : 40);
    }
    expect(new Set(nonces.map(String)).size).toBe(4);
  });

  it('[RL-T-20] does so by default, and not where it is switched off', () => {
    // As if the option were not given: the laboratory gives it.
    const byDefault = relayLaboratory({ ...options, extensions: {} as typeof extensions });
    expect(byDefault.send(packet(nativeHost, client))[1]!.payload.length).toBe(46);
    const off = relayLaboratory({ ...options, extensions: noExtensions });
    expect(off.send(packet(nativeHost, client))[1]!.payload.length).toBe(40);
  });

  it('[RL-R-09][RL-R-02] trusts a client behind a symmetric NAT where its nonce comes from, and its data there', () => {
    const laboratory = relayLaboratory({ ...options, extensions });
    const nonce = probe(laboratory);
    const flushed = laboratory.receive(withNonce(bubble(client, source), nonce), foreign, 100);
    expect(flushed.map(({ address, port }) => ({ address, port }))).toEqual([foreign]);
    const data = packet(client, nativeHost);
    laboratory.receive(data, foreign, 200);
    expect(laboratory.outputs.takePackets()).toEqual([data]);
    const [answer] = laboratory.send(packet(nativeHost, client), 300);
    expect([answer!.address, answer!.port]).toEqual([foreign.address, foreign.port]);
    laboratory.receive(data, other, 400);
    expect([laboratory.outputs.takePackets(), laboratory.drops()]).toEqual([[], { 'endpoint-mismatch': 1 }]);
  });

  it('[RL-R-09][SNS-15] drops another nonce, an older one, one after 30 s, and one in data', () => {
    const laboratory = relayLaboratory({ ...options, extensions });
    const old = probe(laboratory);
    const [, indirect] = laboratory.runUntil(2000);
    const nonce = indirect!.payload.slice(42);
    const answer = (bytes: Uint8Array, now: number) => laboratory.receive(bytes, foreign, now);
    const plain = bubble(client, source);
    expect(answer(withNonce(plain, old), 2100)).toEqual([]);
    expect(answer(withNonce(plain, Uint8Array.of(0, 0, 0, 0)), 2100)).toEqual([]);
    expect(answer(plain, 2100)).toEqual([]);
    expect(answer(withNonce(packet(client, nativeHost), nonce), 2100)).toEqual([]);
    expect(laboratory.drops()).toEqual({ 'bubble-nonce-mismatch': 1, 'endpoint-mismatch': 3 });
    expect(answer(withNonce(plain, nonce), 2100).length).toBe(1);
  });

  it('[RL-R-03][SNS-16] needs no nonce from the endpoint that the address of the client embeds', () => {
    const laboratory = relayLaboratory({ ...options, extensions });
    probe(laboratory);
    const wrong = withNonce(bubble(client, source), Uint8Array.of(1, 2, 3, 4));
    expect(laboratory.receive(wrong, clientEndpoint, 100)).toHaveLength(1);
    expect(laboratory.drops()).toEqual({});
  });

  it('[RL-R-09] drops a nonce of a client that it does not know, or was never sent one', () => {
    const laboratory = relayLaboratory({ ...options, extensions });
    laboratory.receive(withNonce(bubble(client, source), Uint8Array.of(1, 2, 3, 4)), foreign, 0);
    expect(laboratory.drops()).toEqual({ 'endpoint-mismatch': 1 });
    laboratory.receive(withNonce(bubble(client, source), Uint8Array.of(1, 2, 3, 4)), clientEndpoint, 0);
    expect(laboratory.drops()).toEqual({ 'endpoint-mismatch': 1, 'peer-not-known': 1 });
  });

  it('[RL-R-09] believes no nonce from an address that is none of the Internet', () => {
    const laboratory = relayLaboratory({ ...options, extensions });
    const nonce = probe(laboratory);
    laboratory.receive(withNonce(bubble(client, source), nonce), { address: parseIpv4('10.0.0.9')!, port: 1 }, 0);
    expect(laboratory.drops()).toEqual({ 'endpoint-mismatch': 1 });
  });

  it('[RL-R-09][RL-R-02] drops every nonce where it is switched off', () => {
    const laboratory = relayLaboratory({ ...options, extensions: noExtensions });
    laboratory.send(packet(nativeHost, client));
    const bytes = new Uint8Array(6);
    writeNonceTrailer(bytes, 0, 1);
    laboratory.receive(Uint8Array.from([...bubble(client, source), ...bytes]), foreign, 0);
    expect(laboratory.drops()).toEqual({ 'endpoint-mismatch': 1 });
  });

  it('[RL-R-09][RL-T-09] finds a client again at its new endpoint after a silence', () => {
    const laboratory = relayLaboratory({ ...options, extensions });
    laboratory.receive(withNonce(bubble(client, source), probe(laboratory)), foreign, 0);
    const nonce = probe(laboratory, 31_000);
    const moved = { ...foreign, port: 5001 };
    const [waiting] = laboratory.receive(withNonce(bubble(client, source), nonce), moved, 31_100);
    expect([waiting!.address, waiting!.port]).toEqual([moved.address, moved.port]);
  });
});

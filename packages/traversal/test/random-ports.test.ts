import { Counters, type OpenedPort } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { RandomPorts } from '../src/mechanisms/random-ports.ts';
import { noPeer } from '../src/peers/peer-table.ts';
import { insertPeer, tableOf } from './peers.ts';

/** Random ports whose ids a data plane gives in this order. */
function portsWith(...ids: readonly number[]) {
  const table = tableOf(8);
  const left = [...ids];
  const openRandomPort = (): OpenedPort => ({ id: left.shift()!, address: 0, port: 40_000 });
  const ports = new RandomPorts(table, { openRandomPort, closeRandomPort: () => undefined }, new Counters());
  return { table, ports };
}

describe('random ports', () => {
  it('belong to the peer that they are open for, whatever number the data plane gives them', () => {
    const { table, ports } = portsWith(3, 127, 128, 5_000, 3);
    const peers = [1, 2, 3, 4].map((number) => insertPeer(table, number));
    for (const peer of peers) expect(ports.open(peer, 0)).toBe(true);
    expect([3, 127, 128, 5_000].map((id) => ports.owner(id))).toEqual(peers);
    expect([0, 1, 2, 4, 129, 4_999, 5_001, 100_000].map((id) => ports.owner(id))).toEqual(new Array(8).fill(noPeer));
    ports.close(peers[0]!);
    expect(ports.owner(3)).toBe(noPeer);
    const other = insertPeer(table, 5);
    ports.open(other, 0);
    expect(ports.owner(3)).toBe(other);
    table.remove(other);
    expect(ports.owner(3)).toBe(noPeer);
  });

  it('[PP-08] know when data left for their peer, since they were opened', () => {
    const { table, ports } = portsWith(3, 4);
    const [one, other] = [insertPeer(table, 1), insertPeer(table, 2)];
    ports.recordData(one, 10);
    ports.open(one, 20);
    expect(ports.dataSentAt(ports.slot(one))).toBe(Number.NEGATIVE_INFINITY);
    ports.recordData(one, 30);
    ports.recordData(other, 40);
    expect(ports.dataSentAt(ports.slot(one))).toBe(30);
    const slot = ports.slot(one);
    ports.close(one);
    ports.open(other, 50);
    expect(ports.slot(other)).toBe(slot);
    expect(ports.dataSentAt(slot)).toBe(Number.NEGATIVE_INFINITY);
  });
});

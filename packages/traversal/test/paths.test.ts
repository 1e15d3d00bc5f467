import { describe, expect, it } from 'vitest';
import { chooseDataPath } from '../src/peers/data-path.ts';
import { isNonceKind, noPath, type PathKind, Paths, pathKinds } from '../src/peers/paths.ts';
import { insertPeer, tableOf } from './peers.ts';

const { embedded, localLink, learned, alternate, earlier, unrelayed } = pathKinds;
const ports: Record<PathKind, number> = {
  [embedded]: 1,
  [localLink]: 2,
  [learned]: 3,
  [alternate]: 4,
  [earlier]: 5,
  [unrelayed]: 6,
};

describe('the path that data takes', () => {
  it.each<{ what: string; named: PathKind[]; proven: PathKind[]; port: number }>([
    { what: 'no path', named: [], proven: [], port: 0 },
    { what: 'a path that nobody proved', named: [localLink], proven: [], port: 0 },
    { what: 'the only one that was proven', named: [localLink, embedded], proven: [embedded], port: 1 },
    { what: 'the first one', named: [embedded, localLink], proven: [embedded], port: 1 },
    { what: 'a relay that a test found', named: [learned], proven: [learned], port: 3 },
    { what: 'the link after the Internet', named: [embedded, localLink], proven: [embedded, localLink], port: 2 },
    { what: 'the Internet after the link', named: [embedded, localLink], proven: [localLink, embedded], port: 1 },
    { what: 'the last proof of each', named: [embedded, localLink], proven: [localLink, embedded, localLink], port: 2 },
    { what: 'whichever stands first', named: [localLink, embedded], proven: [localLink, embedded], port: 1 },
    { what: 'the middle one', named: [embedded, localLink, learned], proven: [embedded, learned, localLink], port: 2 },
    { what: 'the one without the relay', named: [embedded, unrelayed], proven: [embedded, unrelayed], port: 6 },
    { what: 'the relayed one again', named: [embedded, unrelayed], proven: [unrelayed, embedded], port: 1 },
  ])('[CL-P-02] is, of paths $named proven in the order $proven, $what', ({ named, proven, port }) => {
    const table = tableOf(2);
    const paths = new Paths(table);
    const [peer, other] = [insertPeer(table, 1), insertPeer(table, 2)];
    for (const kind of named) paths.name(peer, kind, 7, ports[kind]);
    for (const kind of proven) paths.prove(paths.find(peer, kind));
    paths.prove(paths.name(other, embedded, 8, 9));
    const path = chooseDataPath(paths, peer);
    expect(path === noPath ? 0 : paths.port(path)).toBe(port);
    expect(paths.port(chooseDataPath(paths, other))).toBe(9);
  });
});

describe('paths', () => {
  it('[CL-P-02] lead to the endpoint that was named last, and are unproven again at another one', () => {
    const table = tableOf(2);
    const paths = new Paths(table);
    const peer = insertPeer(table, 1);
    const path = paths.name(peer, localLink, 0xc0a80002, 3544);
    paths.prove(path);
    expect([paths.address(path), paths.port(path), paths.lastProof(path)]).toEqual([0xc0a80002, 3544, 1]);
    expect([paths.name(peer, localLink, 0xc0a80002, 3544), paths.lastProof(path)]).toEqual([path, 1]);
    expect([paths.name(peer, localLink, 0xc0a80002, 3545), paths.lastProof(path)]).toEqual([path, 0]);
    expect([paths.leadsTo(path, 0xc0a80002, 3545), paths.leadsTo(path, 0xc0a80002, 3544)]).toEqual([true, false]);
    expect([paths.leadsTo(path, 0xc0a80003, 3545), paths.leadsTo(noPath, 0, 0)]).toEqual([false, false]);
  });

  it('[CL-P-02] are one of each kind for each peer of a full table', () => {
    const table = tableOf(3);
    const paths = new Paths(table);
    const peers = [1, 2, 3].map((number) => insertPeer(table, number));
    const kinds = [embedded, localLink, learned];
    for (const peer of peers) for (const kind of kinds) paths.name(peer, kind, 100 * peer + kind, 1000 * peer + kind);
    const read = () =>
      peers.map((peer) =>
        kinds.map((kind) => paths.find(peer, kind)).map((path) => [paths.address(path), paths.port(path)]),
      );
    const expected = peers.map((peer) => kinds.map((kind) => [100 * peer + kind, 1000 * peer + kind]));
    expect(read()).toEqual(expected);
    paths.remove(peers[1]!, localLink);
    expect(paths.find(peers[1]!, localLink)).toBe(noPath);
    paths.remove(peers[1]!, localLink);
    expect(paths.name(peers[1]!, localLink, 201, 2001)).toBeGreaterThan(noPath);
    expect(read()).toEqual(expected);
    const all = peers.flatMap((peer) => kinds.map((kind) => paths.find(peer, kind)));
    for (const path of all) paths.prove(path);
    expect(all.map((path) => paths.lastProof(path))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('[CL-P-11] are removed with their peer, and unproven when others take their place', () => {
    const table = tableOf(1);
    const paths = new Paths(table);
    const peer = insertPeer(table, 1);
    for (const kind of [embedded, localLink]) paths.prove(paths.name(peer, kind, 7, ports[kind]));
    table.remove(peer);
    const next = insertPeer(table, 2);
    expect([paths.first(next), chooseDataPath(paths, next)]).toEqual([noPath, noPath]);
    for (const kind of [embedded, localLink, learned]) paths.name(next, kind, 8, ports[kind]);
    expect(chooseDataPath(paths, next)).toBe(noPath);
  });

  it('[CL-P-02] are one of each kind for each peer of a full table, with the port of this host', () => {
    const table = tableOf(3);
    const paths = new Paths(table);
    const peers = [1, 2, 3].map((number) => insertPeer(table, number));
    const kinds = Object.values(pathKinds);
    // All rows are taken, freed, and taken by others.
    for (let round = 0; round < 2; round++) {
      for (const peer of peers) {
        for (const kind of kinds)
          paths.prove(paths.name(peer, kind, 10 * peer + kind, 1_000 * peer + kind), 20 * peer + kind);
      }
      const all = peers.flatMap((peer) => kinds.map((kind) => ({ peer, kind, path: paths.find(peer, kind) })));
      expect(new Set(all.map(({ path }) => path)).size).toBe(18);
      for (const { peer, kind, path } of all) {
        expect([paths.kind(path), paths.address(path), paths.port(path), paths.portId(path)]).toEqual([
          kind,
          10 * peer + kind,
          1_000 * peer + kind,
          20 * peer + kind,
        ]);
      }
      const proofs = all.map(({ path }) => paths.lastProof(path));
      expect(proofs).toEqual(Array.from({ length: 18 }, (_, index) => 18 * round + index + 1));
      for (const peer of peers) for (const kind of kinds) paths.remove(peer, kind);
      expect(peers.map((peer) => paths.first(peer))).toEqual([noPath, noPath, noPath]);
    }
  });

  it('[SNS-21] that were learned stay known as earlier ones, where that is asked for and they were proven', () => {
    const table = tableOf(2);
    const paths = new Paths(table);
    const peer = insertPeer(table, 1);
    paths.learn(peer, 7, 70, true);
    expect(paths.find(peer, earlier)).toBe(noPath);
    paths.learn(peer, 8, 80, true);
    expect(paths.find(peer, earlier)).toBe(noPath);
    paths.prove(paths.find(peer, learned), 3);
    // The same endpoint is no other one.
    const same = paths.learn(peer, 8, 80, true);
    expect([paths.find(peer, earlier), paths.lastProof(same), paths.portId(same)]).toEqual([noPath, 1, 3]);
    const next = paths.learn(peer, 9, 90, true);
    const before = paths.find(peer, earlier);
    expect([paths.address(before), paths.port(before), paths.portId(before), paths.lastProof(before)]).toEqual([
      8, 80, 3, 1,
    ]);
    expect([paths.find(peer, learned), paths.address(next), paths.portId(next), paths.lastProof(next)]).toEqual([
      next,
      9,
      0,
      0,
    ]);
    paths.learn(peer, 9, 90, false);
    expect(paths.find(peer, earlier)).toBe(noPath);
  });

  it('[PP-25] are unproven when the port of this host closes that they left from, and no others', () => {
    const table = tableOf(2);
    const paths = new Paths(table);
    const [peer, other] = [insertPeer(table, 1), insertPeer(table, 2)];
    const [service, random] = [paths.name(peer, embedded, 7, 70), paths.name(peer, learned, 8, 80)];
    const [last, foreign] = [paths.name(peer, alternate, 9, 90), paths.name(other, learned, 8, 80)];
    paths.prove(service);
    for (const path of [random, last, foreign]) paths.prove(path, 3);
    paths.leavePort(peer, 3);
    expect([service, random, last, foreign].map((path) => [paths.portId(path), paths.lastProof(path)])).toEqual([
      [0, 1],
      [0, 0],
      [0, 0],
      [3, 4],
    ]);
  });

  it('[SNS-08] need a nonce for their proof, but for the embedded endpoint and the announced one', () => {
    expect(Object.values(pathKinds).filter((kind) => isNonceKind(kind))).toEqual([
      learned,
      alternate,
      earlier,
      unrelayed,
    ]);
  });
});

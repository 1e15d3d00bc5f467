import { describe, expect, it } from 'vitest';
import { chooseDataPath } from '../src/peers/data-path.ts';
import { noPath, type PathKind, Paths, pathKinds } from '../src/peers/paths.ts';
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
});

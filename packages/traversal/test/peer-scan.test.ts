import { type PeerRows, type PeerSort, peerColumnCount, peerColumns, peerSorts } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { mostPeersPerPage, type PeerPage, type PeerQuery, PeerScan } from '../src/index.ts';
import { TopRows } from '../src/listing/top-rows.ts';

/** Rows with keys of their own; a row whose key is `undefined` is not in use. Counts visits. */
class FakeRows implements PeerRows {
  visits = 0;
  reads = 0;
  readonly #keys: (number | undefined)[];

  constructor(keys: readonly (number | undefined)[]) {
    this.#keys = [...keys];
  }

  get highestRow(): number {
    return this.#keys.length;
  }

  get count(): number {
    return this.#keys.filter((key) => key !== undefined).length;
  }

  find(): number {
    return 0;
  }

  isInUse(row: number): boolean {
    this.visits += 1;
    return this.#keys[row - 1] !== undefined;
  }

  keyOf(row: number, sort: PeerSort): number {
    return sort === 'age' ? -this.#keys[row - 1]! : this.#keys[row - 1]!;
  }

  read(row: number, into: Float64Array, offset: number, now: number): void {
    this.reads += 1;
    into[offset + peerColumns.word0] = row;
    into[offset + peerColumns.heardAt] = now;
  }

  remove(row: number): void {
    this.#keys[row - 1] = undefined;
  }
}

function ask(scan: PeerScan, query: Partial<PeerQuery>): { pages: PeerPage[] } {
  const pages: PeerPage[] = [];
  scan.request({ sort: 'heard', limit: 100, after: undefined, ...query }, (page) => pages.push(page));
  return { pages };
}

function run(scan: PeerScan): number {
  let steps = 0;
  for (; scan.isPending; steps++) scan.step(7);
  return steps;
}

function rowsOf({ columns }: PeerPage): readonly number[] {
  return Array.from({ length: columns.length / peerColumnCount }, (_, at) => columns[at * peerColumnCount]!);
}

describe('a page of peers', () => {
  it('has the rows with the highest keys, in their order, and says where the next begins', () => {
    const rows = new FakeRows([5, undefined, 9, 1, 9, 3]);
    const scan = new PeerScan(rows, () => 1000);
    const first = ask(scan, { limit: 3 });
    run(scan);
    expect(first.pages).toMatchObject([{ total: 5, next: { key: 5, row: 1 }, timeOrigin: 1000 }]);
    expect(rowsOf(first.pages[0]!)).toEqual([3, 5, 1]);
    const second = ask(scan, { limit: 3, after: first.pages[0]!.next });
    run(scan);
    expect(rowsOf(second.pages[0]!)).toEqual([6, 4]);
    expect(second.pages[0]!.next).toBeUndefined();
  });

  it('is the only one where all rows fit, and visits each once', () => {
    const rows = new FakeRows([5, undefined, 9, 3]);
    const scan = new PeerScan(rows, () => 0);
    const { pages } = ask(scan, { limit: 3 });
    // One step for the visits, one for the sort, one to read, one to tell.
    expect([run(scan), rows.visits, rows.reads]).toEqual([4, 4 + 3, 3]);
    expect([rowsOf(pages[0]!), pages[0]!.next]).toEqual([[3, 1, 4], undefined]);
    const one = new PeerScan(new FakeRows([7]), () => 0);
    const single = ask(one, { limit: 1 });
    run(one);
    expect([rowsOf(single.pages[0]!), single.pages[0]!.next]).toEqual([[1], undefined]);
  });

  it('has 1000 rows at most, read 64 at a time', () => {
    const rows = new FakeRows(Array.from({ length: 2_000 }, (_, at) => at));
    const scan = new PeerScan(rows, () => 0);
    const { pages } = ask(scan, { limit: 1000 });
    let most = 0;
    while (scan.isPending) {
      const before = rows.reads;
      scan.step(7);
      most = Math.max(most, rows.reads - before);
    }
    expect([most, mostPeersPerPage]).toEqual([64, 1000]);
    expect(rowsOf(pages[0]!)).toEqual(Array.from({ length: 1000 }, (_, at) => 2_000 - at));
  });

  it('agrees with a plain sort, for any keys, order and limit', () => {
    let state = 3;
    const next = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % below;
    };
    for (let round = 0; round < 40; round++) {
      const keys = Array.from({ length: next(300) }, () => (next(4) === 0 ? undefined : next(50)));
      const rows = new FakeRows(keys);
      const scan = new PeerScan(rows, () => 0);
      const sort = peerSorts[next(peerSorts.length)]!;
      const limit = 1 + next(60);
      const found: number[] = [];
      for (let after: PeerQuery['after'], turn = 0; turn === 0 || after !== undefined; turn++) {
        const { pages } = ask(scan, { sort, limit, after });
        run(scan);
        found.push(...rowsOf(pages[0]!));
        after = pages[0]!.next;
      }
      const used = keys.flatMap((key, at) => (key === undefined ? [] : [at + 1]));
      expect(found).toEqual(used.sort((a, b) => rows.keyOf(b, sort) - rows.keyOf(a, sort) || a - b));
    }
  });

  it('visits a bounded number of rows in each step, and answers one request after the other', () => {
    const rows = new FakeRows(Array.from({ length: 20_000 }, (_, at) => at));
    const scan = new PeerScan(rows, () => 0);
    const [one, two] = [ask(scan, { limit: 1000 }), ask(scan, { limit: 1 })];
    let most = 0;
    while (two.pages.length === 0) {
      const before = rows.visits;
      scan.step(7);
      most = Math.max(most, rows.visits - before);
    }
    expect(most).toBe(4096);
    expect(one.pages).toHaveLength(1);
    expect(rowsOf(one.pages[0]!).slice(0, 2)).toEqual([20_000, 19_999]);
    expect(rowsOf(two.pages[0]!)).toEqual([20_000]);
    expect(scan.isPending).toBe(false);
  });

  it('has zeros for a peer that left meanwhile', () => {
    const rows = new FakeRows([1, 2]);
    const scan = new PeerScan(rows, () => 0);
    const { pages } = ask(scan, {});
    scan.step(7);
    scan.step(7);
    rows.remove(2);
    run(scan);
    expect(rowsOf(pages[0]!)).toEqual([0, 1]);
    expect(pages[0]!.total).toBe(1);
  });

  it('is empty for an engine without peers', () => {
    const scan = new PeerScan(undefined, () => 0);
    const { pages } = ask(scan, {});
    run(scan);
    expect(pages).toEqual([{ total: 0, columns: new Float64Array(0), next: undefined, timeOrigin: 0 }]);
  });
});

describe('the rows with the highest keys', () => {
  it('are the lower ones of equal keys, in whatever order they were offered', () => {
    const top = new TopRows(2);
    top.begin(1);
    for (const row of [3, 1, 2]) top.offer(5, row);
    expect(top.sorted()).toEqual([{ key: 5, row: 1 }]);
    top.begin(2);
    for (const row of [4, 3, 1, 2]) top.offer(5, row);
    expect(top.sorted()).toEqual([
      { key: 5, row: 1 },
      { key: 5, row: 2 },
    ]);
  });
});

/**
 * Many doubly linked lists over one set of nodes, in typed arrays. Nodes and lists are numbers; node 0 means none, so
 * that fresh memory is an empty state. Each node is in at most one list. Bounded by its construction.
 */
export class LinkedLists {
  readonly #heads: Int32Array;
  readonly #tails: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;

  /** Lists 0 to `lists` - 1, nodes 1 to `nodes`. */
  constructor(lists: number, nodes: number) {
    this.#heads = new Int32Array(lists);
    this.#tails = new Int32Array(lists);
    this.#next = new Int32Array(nodes + 1);
    this.#previous = new Int32Array(nodes + 1);
  }

  /** The first node, 0 in an empty list. */
  head(list: number): number {
    return this.#heads[list]!;
  }

  /** The node after, 0 at the end. */
  next(node: number): number {
    return this.#next[node]!;
  }

  /** The last node, 0 in an empty list. */
  tail(list: number): number {
    return this.#tails[list]!;
  }

  /** The node before, 0 at the start. */
  previous(node: number): number {
    return this.#previous[node]!;
  }

  append(list: number, node: number): void {
    const tail = this.#tails[list]!;
    this.#previous[node] = tail;
    this.#next[node] = 0;
    if (tail === 0) this.#heads[list] = node;
    else this.#next[tail] = node;
    this.#tails[list] = node;
  }

  remove(list: number, node: number): void {
    const previous = this.#previous[node]!;
    const next = this.#next[node]!;
    if (previous === 0) this.#heads[list] = next;
    else this.#next[previous] = next;
    if (next === 0) this.#tails[list] = previous;
    else this.#previous[next] = previous;
  }

  /** Makes the node the last of the list that it is in. */
  moveToTail(list: number, node: number): void {
    if (this.#tails[list] === node) return;
    this.remove(list, node);
    this.append(list, node);
  }
}

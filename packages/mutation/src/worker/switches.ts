// What the instrumented code calls: whether a mutant is on, and which mutants a test reaches.

let active: string | undefined;
let hits = 0;
let hitLimit = Number.POSITIVE_INFINITY;
let reached: Map<string, number> | undefined;

/** Thrown out of a mutant that runs far more often than its original did, such as a loop that never ends. */
class TooManyHits extends Error {}

function isActive(id: string): boolean {
  if (id !== active) return false;
  hits += 1;
  if (hits > hitLimit) throw new TooManyHits(`mutant ${id} ran ${hits} times`);
  return true;
}

function cover(): void {
  if (reached === undefined) return;
  // biome-ignore lint/complexity/noArguments: it is called for every expression, and must not allocate.
  for (let index = 0; index < arguments.length; index++) {
    // biome-ignore lint/complexity/noArguments: as above.
    const id = arguments[index] as string;
    reached.set(id, (reached.get(id) ?? 0) + 1);
  }
}

// The names that the instrumenter uses.
Object.assign(globalThis, { stryMutAct_9fa48: isActive, stryCov_9fa48: cover });

/** Switches a mutant on, or the last one off. */
export function activate(id: string | undefined, limit: number = Number.POSITIVE_INFINITY): void {
  active = id;
  hits = 0;
  hitLimit = limit;
}

export function hitTheLimit(): boolean {
  return hits > hitLimit;
}

/** Runs something and returns how often each mutant was reached meanwhile. */
export async function reachedBy(run: () => unknown): Promise<Map<string, number>> {
  const map = new Map<string, number>();
  reached = map;
  try {
    await run();
  } finally {
    reached = undefined;
  }
  return map;
}

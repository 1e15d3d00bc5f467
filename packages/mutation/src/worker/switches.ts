// The functions that instrumented code calls: they say whether a mutant is on, and record which mutants a test reaches.

let active: string | undefined;
let calls = 0;
let callLimit = Number.POSITIVE_INFINITY;
let reached: Set<string> | undefined;

/** Thrown out of code that runs far more often than it does without a mutant, such as a loop that never ends. */
class TooManyCalls extends Error {}

function isActive(id: string): boolean {
  calls += 1;
  if (calls > callLimit) throw new TooManyCalls(`mutant ${active} made the code run ${calls} steps`);
  return id === active;
}

function cover(): void {
  if (reached === undefined) return;
  // biome-ignore lint/complexity/noArguments: it is called for every expression, and must not allocate.
  for (let index = 0; index < arguments.length; index++) reached.add(arguments[index] as string);
}

// The names that the instrumenter uses.
Object.assign(globalThis, { stryMutAct_9fa48: isActive, stryCov_9fa48: cover });

/** Switches a mutant on, and lets the code ask no more than `limit` times whether it is. */
export function activate(id: string, limit: number): void {
  active = id;
  calls = 0;
  callLimit = limit;
}

/** Switches the mutant off; returns whether it made the code run too long. */
export function deactivate(): boolean {
  const exceeded = calls > callLimit;
  active = undefined;
  callLimit = Number.POSITIVE_INFINITY;
  return exceeded;
}

interface Reach {
  /** The mutants whose place was run. */
  readonly mutants: ReadonlySet<string>;
  /** How often the code asked for a mutant. */
  readonly calls: number;
}

/** Runs something without a mutant and returns what it reached. */
export async function reachOf(run: () => unknown): Promise<Reach> {
  const mutants = new Set<string>();
  reached = mutants;
  calls = 0;
  try {
    await run();
  } finally {
    reached = undefined;
  }
  return { mutants, calls };
}

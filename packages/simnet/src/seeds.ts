/** The environment variable that holds the one seed to run, to replay a failure. */
export const seedVariable = 'NAVALIS_SEED';

/** The seed to replay, or else the given one. */
export function seedOr(seed: number): number {
  return replaySeed() ?? seed;
}

/**
 * Runs a scenario with the seeds 1 to `count`, or with the one to replay alone, and returns how many it ran. Errors name
 * the seed.
 * @throws Error what the scenario threw, with the seed and how to replay it in front.
 */
export function forEachSeed(count: number, scenario: (seed: number) => void): number {
  const replay = replaySeed();
  const seeds = replay === undefined ? Array.from({ length: count }, (_, index) => index + 1) : [replay];
  for (const seed of seeds) withSeed(seed, () => scenario(seed));
  return seeds.length;
}

/** Runs the function; its errors name the seed. */
export function withSeed<Result>(seed: number, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof Error) || error.message.includes(seedVariable)) throw error;
    error.message = `${error.message} (seed ${seed}; replay with ${seedVariable}=${seed})`;
    throw error;
  }
}

function replaySeed(): number | undefined {
  const text = process.env[seedVariable];
  if (text === undefined || text === '') return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new Error(`${seedVariable} is '${text}', but must be a whole number.`);
  return Number(text);
}

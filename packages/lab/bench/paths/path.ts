export const directions = ['up', 'down'] as const;

/** `up` is away from the client that takes the path. */
export type Direction = (typeof directions)[number];

/** A measurement that takes so many seconds, and its name. */
export type Step = readonly [name: string, measure: (seconds: number) => Promise<number>];

/** A histogram with classes that were counted elsewhere. */
export interface CountedHistogram {
  readonly name: string;
  readonly help: string;
  readonly role: string;
  /** Upper bounds of all classes but the last. */
  readonly bounds: readonly number[];
  /** The values up to each bound, and all values. */
  readonly atMost: readonly number[];
  readonly sum: number;
}

/** Returns a histogram in the text format of Prometheus. The library counts single values only. */
export function histogramText({ name, help, role, bounds, atMost, sum }: CountedHistogram): string {
  const labels = [...bounds.map(String), '+Inf'];
  const buckets = labels.map((le, index) => `${name}_bucket{le="${le}",role="${role}"} ${atMost[index] ?? 0}`);
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} histogram`,
    ...buckets,
    `${name}_sum{role="${role}"} ${sum}`,
    `${name}_count{role="${role}"} ${atMost[bounds.length] ?? 0}`,
    '',
  ].join('\n');
}

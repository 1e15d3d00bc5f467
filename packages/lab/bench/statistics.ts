/** Returns the median; the mean of the two middle values if their number is even, NaN without values. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Returns the quantile, interpolated between the two nearest values. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((one, other) => one - other);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.ceil(place)]!;
  return below + (above - below) * (place - Math.floor(place));
}

/** Where a value was written. */
export type ValueSource = 'flag' | 'file';

/** A value as written, not yet judged. */
export interface RawValue {
  readonly value: unknown;
  readonly source: ValueSource;
}

/** Values as written, by key. Bounded by the file and the command line that were read. */
export type RawValues = ReadonlyMap<string, RawValue>;

/** Merges maps; for each key the last one wins. */
export function mergeRawValues(...maps: readonly RawValues[]): RawValues {
  return new Map(maps.flatMap((map) => [...map]));
}

/** Formats a value as a person would write it, cut to a length that fits into a sentence. */
export function describeValue(value: unknown): string {
  const text =
    typeof value === 'string' || Array.isArray(value) || (typeof value === 'object' && value !== null)
      ? JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? String(item) : item))
      : String(value);
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}

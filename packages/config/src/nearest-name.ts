/** Our choice: the names that commander proposes for an unknown flag differ as much. */
const mostEdits = 3;
const leastLikeness = 0.4;

/** Returns the name that the fewest edits make of a misspelt one, or undefined if none is like it. */
export function nearestName(misspelt: string, names: readonly string[]): string | undefined {
  const written = misspelt.toLowerCase().replaceAll('_', '-');
  const [nearest] = names
    .map((name) => ({ name, edits: editsBetween(written, name) }))
    .filter(
      ({ name, edits }) => edits <= mostEdits && 1 - edits / Math.max(written.length, name.length) > leastLikeness,
    )
    .sort((one, other) => one.edits - other.edits);
  return nearest?.name;
}

/** Counts the insertions, deletions, replacements and swaps of neighbours (Damerau and Levenshtein) between two texts. */
function editsBetween(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > mostEdits) return mostEdits + 1;
  let [beforeLast, last]: [number[], number[]] = [[], Array.from({ length: other.length + 1 }, (_, index) => index)];
  for (let row = 1; row <= one.length; row++) {
    const edits = [row];
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwap = row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      edits[column] = Math.min(
        last[column]! + 1,
        edits[column - 1]! + 1,
        last[column - 1]! + (isSame ? 0 : 1),
        isSwap ? beforeLast[column - 2]! + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [beforeLast, last] = [last, edits];
  }
  return last[other.length]!;
}

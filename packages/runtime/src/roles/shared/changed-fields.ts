/** Returns the fields of `after` whose values differ from those in `before`. Values are compared as `===` does. */
export function changedFields<Fields extends object>(before: Fields, after: Fields): Partial<Fields> {
  const names = Object.keys(after) as (keyof Fields)[];
  const changes: Partial<Fields> = {};
  for (const name of names) if (after[name] !== before[name]) changes[name] = after[name];
  return changes;
}

/** A violated property, with the data to reproduce it. */
class Finding extends Error {
  override readonly name = 'Finding';
}

/** Throws a finding unless the statement holds. */
export function expectThat(holds: boolean, statement: string): void {
  if (!holds) throw new Finding(`It is not so that ${statement}.`);
}

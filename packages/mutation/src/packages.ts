/** The packages whose every mutant is noticed or justified. */
export const corePackages: readonly string[] = [
  'address',
  'wire',
  'engine',
  'qualification',
  'traversal',
  'client-core',
  'server-core',
  'relay-core',
  'nat-probe',
];

import type { Role } from '@navalis/config';

/** One of the four programs. */
export interface Program {
  readonly role: Role;
  readonly description: string;
  /** `import.meta.url` of the program's entry; its `data-plane.js` lies beside it, its package.json one folder up. */
  readonly entry: string;
}

import type { Namespace } from './namespace.ts';

/** A machine, and the IPv6 address at which others reach it. */
export interface Place {
  readonly host: Namespace;
  readonly address: string;
}

/** A place with a name for reports. */
export interface NamedPlace extends Place {
  readonly name: string;
}

import type * as z from 'zod';
import type { Role } from '../role.ts';
import { truth } from './schemas.ts';

/** The notation of a value: a `list` is repeated or comma-separated as a flag, and an array in TOML. */
export type KeyType = 'text' | 'number' | 'choice' | 'list';

/**
 * When a changed value takes effect: at the reload, at the next start, or at the reload with another socket of a client, which has
 * the same port.
 */
export type Reload = 'at-once' | 'new-socket' | 'at-start';

/** The declaration of a configuration key, all in one place; its name is the property of a `KeyTable`. */
export interface Key<Value> {
  readonly roles: readonly Role[];
  /** When a changed value takes effect. */
  readonly reload: Reload;
  /** The same for roles in which that is different. */
  readonly reloadFor?: Partial<Readonly<Record<Role, Reload>>>;
  readonly type: KeyType;
  /** The placeholder of the value in `--help`. */
  readonly placeholder: string;
  /** Parses the value from TOML or the command line. */
  readonly schema: z.ZodType<Value>;
  /** The allowed values, as the end of a sentence. */
  readonly allowed: string;
  /** The value when the key is not set, as one would write it; undefined when it has none or is found at start. */
  readonly defaultValue: (role: Role) => string | undefined;
  /** A value to show where there is no default, as the command line takes it; a list of one. */
  readonly example?: string;
  readonly description: string;
  /** Descriptions for roles that need other words. */
  readonly descriptionFor?: Partial<Readonly<Record<Role, string>>>;
}

/** The keys of one area: the compiler checks each schema against the type of its value. */
export type KeyTable<Values> = { readonly [Name in keyof Values]: Key<Values[Name]> };

/** The default of a key that has none, or whose value is found at start. */
export const none = (): undefined => undefined;
/** The roles with the client's keys: a host-specific relay acts as a client while its host has no native IPv6. */
export const clientFunction: readonly Role[] = ['client', 'host-relay'];
export const notServer: readonly Role[] = ['client', 'relay', 'host-relay'];

/** The part that all keys share whose value is true or false. */
export const switchKey: Pick<Key<boolean>, 'type' | 'placeholder' | 'schema' | 'allowed'> = {
  type: 'choice',
  placeholder: 'SWITCH',
  schema: truth,
  allowed: 'true or false',
};

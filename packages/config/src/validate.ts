import * as z from 'zod';
import { type KeyValues, keysOf } from './keys.ts';
import { badValue, unknownKey } from './mistakes.ts';
import type { RawValues } from './raw-values.ts';
import type { Role } from './role.ts';

/**
 * Validates each value of a role by itself; keys that are not set and have no default are absent from the result.
 * @throws NavalisError `configuration` for the first unknown key or bad value.
 */
export function validate(role: Role, raw: RawValues, file: string | undefined): Partial<KeyValues> {
  const keys = keysOf(role);
  const written: Record<string, unknown> = {};
  for (const key of keys) written[key.name] = raw.get(key.name)?.value ?? key.defaultValue(role);
  for (const [name, value] of raw) if (!Object.hasOwn(written, name)) throw unknownKey(name, value, role, file);

  const outcome = roleSchema(role).safeParse(written);
  if (outcome.success) return outcome.data as Partial<KeyValues>;
  const name = outcome.error.issues[0]!.path[0];
  const key = keys.find((candidate) => candidate.name === name)!;
  throw badValue(key, raw.get(key.name)!, file);
}

function roleSchema(role: Role): z.ZodObject {
  return z.strictObject(Object.fromEntries(keysOf(role).map((key) => [key.name, key.schema.optional()])));
}

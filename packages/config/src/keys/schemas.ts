import { type Ipv4Value, parseIpv4 } from '@navalis/address';
import * as z from 'zod';

/** An IPv4 address in dotted decimal. */
export const ipv4Address: z.ZodType<Ipv4Value> = read(parseIpv4);
export const truth: z.ZodType<boolean> = z.union([
  z.boolean(),
  z.enum(['true', 'false']).transform((text) => text === 'true'),
]);
export const absolutePath: z.ZodString = z.string().startsWith('/');

/** Returns the length of a text in UTF-8. */
export function octetsOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Text that `parse` understands. */
export function read<Value>(parse: (text: string) => Value | undefined): z.ZodType<Value> {
  return z.string().transform((text, context): Value => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue('not readable');
    return z.NEVER;
  });
}

/** A whole number, or its digits. */
export function wholeNumber(least: number, most: number): z.ZodType<number> {
  const digits = z
    .string()
    .regex(/^[0-9]{1,10}$/)
    .transform(Number);
  return z.union([z.number(), digits]).pipe(z.int().min(least).max(most));
}

/** A list, or a single value that stands for a list of one. */
export function list<Value>(item: z.ZodType<Value>, least: number, most: number): z.ZodType<readonly Value[]> {
  return z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(item).min(least).max(most));
}

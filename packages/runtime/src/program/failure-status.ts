import type { NavalisErrorCode } from '../navalis-error.ts';

/** Failures that neither time nor another start changes. */
const lasting: readonly NavalisErrorCode[] = ['sunset', 'machine-not-supported', 'ffi-not-loadable'];

/**
 * Returns the exit status of a program that an error ended: 2 for a configuration mistake, 10 for what another start does
 * not change, so that the units do not try, and 1 for all else.
 */
export function failureStatus(code: NavalisErrorCode): number {
  if (code === 'configuration') return 2;
  return lasting.includes(code) ? 10 : 1;
}

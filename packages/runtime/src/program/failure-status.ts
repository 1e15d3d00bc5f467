import type { NavalisErrorCode } from '../navalis-error.ts';

/** Failures that neither time nor a restart cures. */
const lasting: readonly NavalisErrorCode[] = ['sunset', 'machine-not-supported', 'ffi-not-loadable'];

/**
 * Returns the exit status of a program that an error ended: 2 for a configuration mistake, 10 for a failure that a restart
 * does not cure, so that systemd does not restart the unit, and 1 for all others.
 */
export function failureStatus(code: NavalisErrorCode): number {
  if (code === 'configuration') return 2;
  return lasting.includes(code) ? 10 : 1;
}

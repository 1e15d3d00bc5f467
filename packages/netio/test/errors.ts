import { NavalisError } from '@navalis/engine';

/** The NavalisError that `action` throws; fails when it throws none. */
export function errorOf(action: () => unknown): NavalisError {
  try {
    action();
  } catch (error) {
    if (error instanceof NavalisError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

import { type ChecklistRow, isMust, isShould } from './checklist.ts';

/**
 * Areas declared complete. `keywords`: every MUST and SHOULD row has a test. `all`, for areas whose rows have no keyword: every
 * row has one. An uncovered row fails the run.
 */
export const completeAreas: Readonly<Record<string, 'keywords' | 'all'>> = {
  WF: 'keywords',
  AD: 'keywords',
  R5: 'keywords',
  'CL-C': 'keywords',
  'CL-U': 'keywords',
  'CL-Q': 'keywords',
  'CL-N': 'keywords',
  'CL-S': 'keywords',
  'CL-T': 'keywords',
  'CL-R': 'keywords',
  'CL-P': 'keywords',
  'CL-B': 'keywords',
  'CL-I': 'keywords',
  'CL-L': 'keywords',
  'CL-M': 'keywords',
  'CL-D': 'keywords',
  'SV-C': 'keywords',
  'SV-R': 'keywords',
  'SV-A': 'keywords',
  'SV-F': 'keywords',
  'RL-A': 'keywords',
  'RL-T': 'keywords',
  'RL-R': 'keywords',
  HR: 'keywords',
  SEC: 'keywords',
  XC: 'keywords',
  SNS: 'keywords',
  HP: 'keywords',
  SLR: 'keywords',
  PP: 'keywords',
  SPS: 'keywords',
  IO: 'all',
  RT: 'all',
  TU: 'all',
};

/** Returns true if a row must have a test before its area is complete. */
export function requiresTest(row: ChecklistRow): boolean {
  return completeAreas[row.area] === 'all' || isMust(row) || isShould(row);
}

export function isInCompleteArea(row: ChecklistRow): boolean {
  return Object.hasOwn(completeAreas, row.area);
}

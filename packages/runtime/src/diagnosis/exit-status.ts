import type { Verdict } from '@navalis/nat-probe';

/** 0: Teredo works here. 3: not behind this NAT. 4: the server is not, or not wholly, reached. */
export function exitStatusOf({ nat, isUsable }: Verdict): 0 | 3 | 4 {
  if (isUsable) return 0;
  return nat === 'blocked' || nat === 'half-blocked' ? 4 : 3;
}

/**
 * Why a datagram is not a Teredo datagram. Each reason is a metric label and names the conformance row that demands the
 * drop. Decoders return one of these instead of throwing (WF-29).
 */
export const malformedReasons = {
  'empty-datagram': 'WF-01',
  'unknown-encapsulation': 'WF-03',
  'truncated-origin': 'WF-04',
  'truncated-authentication': 'WF-11',
  'element-order': 'WF-09',
  'repeated-element': 'WF-10',
  'not-ipv6': 'WF-02',
  'truncated-ipv6-header': 'WF-14',
  'ipv6-length-exceeds-datagram': 'WF-14',
} as const;

export type MalformedReason = keyof typeof malformedReasons;

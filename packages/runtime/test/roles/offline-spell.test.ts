import { parseIpv6 } from '@navalis/address';
import { expect, it } from 'vitest';
import { OfflineSpell } from '../../src/roles/client/offline-spell.ts';
import type { StatusReport } from '../../src/status/status-report.ts';

const startedAt = Date.parse('2026-01-01T00:00:00Z');
const server = 0x0808_0808;
const offline = { kind: 'off-line', reason: 'server-silent', server } as const;

function spell() {
  let now = startedAt;
  const own = new OfflineSpell({ wall: () => now });
  const timesOf = (state: StatusReport['state']) => {
    const report = { state, offlineReason: 'server-silent' } as StatusReport;
    const { offlineSince, nextAttempt } = own.extend(report);
    return [offlineSince, nextAttempt].map((at) => at && (Date.parse(at) - startedAt) / 1000);
  };
  return { own, timesOf, at: (seconds: number) => (now = startedAt + 1000 * seconds) };
}

it('counts the time of an off-line client from the loss of its address, over all attempts', () => {
  const { own, timesOf, at } = spell();
  at(12);
  own.follow({ ...offline, retryInMs: 8_000 });
  expect(timesOf('off-line')).toEqual([0, 20]);
  at(21);
  expect(timesOf('starting')).toEqual([0, undefined]);
  at(32);
  own.follow({ ...offline, retryInMs: 30_000 });
  expect(timesOf('off-line')).toEqual([0, 62]);
  at(600);
  own.follow({ kind: 'address-lost', address: parseIpv6('2001::1')! });
  own.follow({ ...offline, retryInMs: 0 });
  at(612);
  expect(timesOf('starting')).toEqual([600, undefined]);
});

it('counts from zero after a pause that the client wanted, and tells nothing of a client that works', () => {
  const { own, timesOf, at } = spell();
  at(100);
  own.begin();
  expect(timesOf('off-line')).toEqual([100, undefined]);
  const qualified = { state: 'qualified' } as StatusReport;
  expect(own.extend(qualified)).toBe(qualified);
});

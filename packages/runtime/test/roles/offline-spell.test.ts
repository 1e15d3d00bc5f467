import { parseIpv6 } from '@navalis/address';
import { expect, it } from 'vitest';
import { OfflineSpell } from '../../src/roles/client/offline-spell.ts';
import type { StatusReport } from '../../src/status/status-report.ts';

const startedAt = Date.parse('2026-01-01T00:00:00Z');
const server = 0x0808_0808;
const offline = { kind: 'off-line', reason: 'server-silent', server } as const;

function spell() {
  const clocks = { boot: 5_000, wall: startedAt };
  const own = new OfflineSpell({ boot: () => clocks.boot, wall: () => clocks.wall });
  const timesOf = (state: StatusReport['state']) => {
    const report = { state, offlineReason: 'server-silent' } as StatusReport;
    const { offlineSince, nextAttempt } = own.extend(report);
    return [offlineSince, nextAttempt].map((at) => at && (Date.parse(at) - startedAt) / 1000);
  };
  /** Moves both clocks on to a time after the start. */
  const at = (seconds: number) => {
    clocks.wall += 1000 * seconds - (clocks.boot - 5_000);
    clocks.boot = 5_000 + 1000 * seconds;
  };
  const setWallBy = (seconds: number) => {
    clocks.wall += 1000 * seconds;
  };
  return { own, timesOf, at, setWallBy };
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

it('follows a wall clock that is set', () => {
  const { own, timesOf, at, setWallBy } = spell();
  at(12);
  own.follow({ ...offline, retryInMs: 8_000 });
  setWallBy(86_400);
  expect(timesOf('off-line')).toEqual([86_400, 86_420]);
  at(13);
  setWallBy(-86_400);
  expect(timesOf('off-line')).toEqual([0, 20]);
});

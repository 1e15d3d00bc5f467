import { afterEach, expect, it, vi } from 'vitest';
import { findServiceManager } from '../../src/systemd/service-manager.ts';

const opened: string[] = [];
vi.mock('@navalis/netio', () => ({
  openUnixSender: (address: string) => {
    opened.push(address);
    return { send: () => undefined };
  },
}));

afterEach(() => void opened.splice(0));

const pid = 42;

it('finds no service manager for a program that a person started', async () => {
  expect(await findServiceManager({}, pid)).toBeUndefined();
  expect(await findServiceManager({ NOTIFY_SOCKET: '', WATCHDOG_USEC: '1000000' }, pid)).toBeUndefined();
  expect(opened).toEqual([]);
});

it.each(['/run/systemd/notify', '@/org/freedesktop/systemd1/notify'])('sends to %s', async (address) => {
  const manager = await findServiceManager({ NOTIFY_SOCKET: address }, pid);
  expect(opened).toEqual([address]);
  expect(manager?.watchdogMs).toBeUndefined();
});

it.each([
  ['30000000', '42', 30_000],
  ['30000000', undefined, 30_000],
  ['30000000', '43', undefined],
  ['0', '42', undefined],
  ['soon', '42', undefined],
])('reads a watchdog of %s microseconds for process %s', async (WATCHDOG_USEC, watched, expected) => {
  const environment = { NOTIFY_SOCKET: '/n', WATCHDOG_USEC, ...(watched && { WATCHDOG_PID: watched }) };
  expect((await findServiceManager(environment, pid))?.watchdogMs).toBe(expected);
});

it('[RT-06] leaves nothing of it to child processes', async () => {
  const environment = { NOTIFY_SOCKET: '/n', WATCHDOG_USEC: '1', WATCHDOG_PID: '42', LANG: 'C' };
  await findServiceManager(environment, pid);
  expect(environment).toEqual({ LANG: 'C' });
});

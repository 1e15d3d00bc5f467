import { expect, it } from 'vitest';
import type { NavalisErrorCode } from '../../src/navalis-error.ts';
import { failureStatus } from '../../src/program/failure-status.ts';

it.each<[NavalisErrorCode, number]>([
  ['configuration', 2],
  ['sunset', 10],
  ['machine-not-supported', 10],
  ['ffi-not-loadable', 10],
  ['no-privilege', 1],
  ['no-tunnel-device', 1],
  ['address-in-use', 1],
  ['interface-taken', 1],
  ['not-running', 1],
  ['internal', 1],
])('a program that %s ended has status %i', (code, status) => {
  expect(failureStatus(code)).toBe(status);
});

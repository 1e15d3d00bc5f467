import type { Role } from '@navalis/config';
import { describe, expect, it } from 'vitest';
import { missingCapability } from '../../src/host/missing-capability.ts';

describe('[RT-01] the capability that a program needs', () => {
  it.each<[Role, string, string | undefined]>([
    ['client', '0000000000001000', undefined],
    ['relay', '0000000000001000', undefined],
    ['host-relay', '0000000000001000', undefined],
    ['server', '0000000000002000', undefined],
    ['client', '0000000000002000', 'CAP_NET_ADMIN'],
    ['relay', '000001ffffffefff', 'CAP_NET_ADMIN'],
    ['host-relay', '0000000000000000', 'CAP_NET_ADMIN'],
    ['server', '0000000000001000', 'CAP_NET_RAW'],
    ['server', '000001ffffffffff', undefined],
  ])('of a %s with the capabilities %s', (role, effective, missing) => {
    const error = missingCapability(role, () => `CapPrm:\t000001ffffffffff\nCapEff:\t${effective}\nCapBnd:\t0\n`);
    expect(error?.message).toBe(
      missing &&
        `This program needs the capability ${missing}: run as root, or with AmbientCapabilities=${missing} in the systemd unit.`,
    );
    expect(error?.code).toBe(missing && 'no-privilege');
  });

  it('is not checked if the kernel does not report capabilities', () => {
    expect(missingCapability('client', () => '')).toBeUndefined();
  });
});

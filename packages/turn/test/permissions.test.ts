import type { Ipv4Value } from '@navalis/address';
import { seededRandom } from '@navalis/engine/testing';
import { describe, expect, it } from 'vitest';
import { Permissions } from '../src/client/permissions.ts';
import { ipv4 } from './world.ts';

const never = Number.NEGATIVE_INFINITY;
const noTime = Number.POSITIVE_INFINITY;
const first = ipv4('203.0.113.1');
const second = ipv4('203.0.113.2');
const third = ipv4('203.0.113.3');

function newPermissions(): Permissions {
  return new Permissions(seededRandom(3));
}

/** Permissions for these addresses, granted at this time and unused. */
function granted(at: number, ...addresses: readonly Ipv4Value[]): Permissions {
  const permissions = newPermissions();
  for (const address of addresses) permissions.grant(address, at);
  return permissions;
}

/** All addresses that are due for renewal, each asked for at once. */
function renewed(permissions: Permissions, now: number): Ipv4Value[] {
  const addresses: Ipv4Value[] = [];
  for (;;) {
    const address = permissions.dueForRenewal(now);
    if (address === undefined) return addresses;
    addresses.push(address);
    permissions.ask(address, now);
  }
}

describe('the state of a permission', () => {
  it('is none for an unknown address', () => {
    const permissions = granted(1_000, first);
    expect(permissions.state(second, 1_000)).toBe('none');
    expect(permissions.count).toBe(1);
  });

  it('is asked until a response comes, however late', () => {
    const permissions = newPermissions();
    expect(permissions.ask(first, 1_000)).toBe(true);
    expect(permissions.state(first, 1_000)).toBe('asked');
    expect(permissions.state(first, 900_000)).toBe('asked');
    expect(permissions.count).toBe(1);
  });

  it('is granted for 300 s', () => {
    const permissions = newPermissions();
    permissions.ask(first, 500);
    permissions.grant(first, 1_000);
    expect(permissions.state(first, 1_000)).toBe('granted');
    expect(permissions.state(first, 300_999)).toBe('granted');
    expect(permissions.state(first, 301_000)).toBe('none');
    expect(permissions.count).toBe(1);
  });

  it('[TU-07] is refused for 60 s', () => {
    const permissions = newPermissions();
    permissions.ask(first, 500);
    permissions.refuse(first, 1_000);
    expect(permissions.state(first, 1_000)).toBe('refused');
    expect(permissions.state(first, 60_999)).toBe('refused');
    expect(permissions.state(first, 61_000)).toBe('none');
    expect(permissions.count).toBe(1);
  });

  it('is granted or refused for an address that was not asked for, too', () => {
    const permissions = granted(1_000, first);
    permissions.refuse(second, 1_000);
    expect(permissions.state(first, 1_000)).toBe('granted');
    expect(permissions.state(second, 1_000)).toBe('refused');
    expect(permissions.count).toBe(2);
  });

  it('stays granted while it is asked for once more, and is asked after its end', () => {
    const permissions = granted(1_000, first);
    expect(permissions.ask(first, 300_999)).toBe(true);
    expect(permissions.state(first, 300_999)).toBe('granted');
    expect(permissions.state(first, 301_000)).toBe('none');
    expect(permissions.ask(first, 301_000)).toBe(true);
    expect(permissions.state(first, 301_000)).toBe('asked');
  });

  it('is asked when a refused one is asked for once more', () => {
    const permissions = newPermissions();
    permissions.refuse(first, 1_000);
    permissions.ask(first, 2_000);
    expect(permissions.state(first, 2_000)).toBe('asked');
  });

  it('is none when no response came', () => {
    const permissions = granted(1_000, first, second);
    permissions.forget(first);
    expect(permissions.state(first, 1_000)).toBe('none');
    expect(permissions.state(second, 1_000)).toBe('granted');
    permissions.forget(third);
    expect(permissions.count).toBe(1);
  });

  it('does not pass to the next address in the same row', () => {
    const permissions = granted(1_000, first);
    permissions.doubt();
    permissions.forget(first);
    permissions.ask(second, 2_000);
    expect(permissions.state(second, 2_000)).toBe('asked');
    expect(permissions.nextRenewalAt()).toBe(noTime);
    permissions.grant(second, 3_000);
    expect(permissions.nextRenewalAt()).toBe(243_000);
  });

  it('is none for all addresses after the end of the allocation', () => {
    const permissions = granted(1_000, first, second);
    permissions.clear();
    expect(permissions.count).toBe(0);
    expect(permissions.state(first, 1_000)).toBe('none');
    expect(permissions.nextRenewalAt()).toBe(noTime);
    expect(permissions.dueForRenewal(241_000)).toBeUndefined();
  });
});

describe('the capacity', () => {
  it('is 1024 addresses', () => {
    const permissions = newPermissions();
    const asked = Array.from({ length: 1024 }, (_, index) => permissions.ask(first + index, 1_000));
    expect(new Set(asked)).toEqual(new Set([true]));
    expect(permissions.ask(first + 1024, 1_000)).toBe(false);
    permissions.grant(first + 1024, 1_000);
    permissions.refuse(first + 1024, 1_000);
    expect(permissions.state(first + 1024, 1_000)).toBe('none');
    expect(permissions.count).toBe(1024);
    expect(permissions.ask(first + 1023, 1_000)).toBe(true);
    permissions.forget(first + 500);
    expect(permissions.ask(first + 1024, 1_000)).toBe(true);
  });

  it('counts to the last row when permissions are renewed', () => {
    const permissions = newPermissions();
    for (let index = 0; index < 1023; index++) permissions.ask(first + index, 1_000);
    permissions.grant(first + 1023, 1_000);
    expect(permissions.nextRenewalAt()).toBe(241_000);
    permissions.doubt();
    expect(permissions.nextRenewalAt()).toBe(never);
    expect(permissions.dueForRenewal(1_000)).toBe(first + 1023);
  });
});

describe('the use of a permission', () => {
  it('is that since it was granted', () => {
    const permissions = newPermissions();
    permissions.ask(first, 500);
    permissions.use(first, 700);
    permissions.grant(first, 1_000);
    expect(permissions.usedAt(first)).toBe(never);
    permissions.use(first, 1_000);
    expect(permissions.usedAt(first)).toBe(never);
    permissions.use(first, 1_001);
    expect(permissions.usedAt(first)).toBe(1_001);
    permissions.use(first, 2_000);
    expect(permissions.usedAt(first)).toBe(2_000);
  });

  it('is nothing right after it was granted for an address that was not asked for', () => {
    expect(granted(1_000, first).usedAt(first)).toBe(never);
  });

  it('concerns its own address alone', () => {
    const permissions = granted(1_000, first, second);
    permissions.use(second, 2_000);
    permissions.use(third, 3_000);
    expect(permissions.usedAt(first)).toBe(never);
    expect(permissions.usedAt(second)).toBe(2_000);
    expect(permissions.usedAt(third)).toBe(never);
    expect(permissions.count).toBe(2);
  });

  it('before its renewal does not count after it', () => {
    const permissions = granted(1_000, first);
    permissions.use(first, 2_000);
    permissions.ask(first, 241_000);
    expect(permissions.usedAt(first)).toBe(2_000);
    permissions.grant(first, 241_500);
    expect(permissions.usedAt(first)).toBe(never);
  });
});

describe('the renewal of permissions', () => {
  it('is due at no time while there are none', () => {
    const permissions = newPermissions();
    expect(permissions.nextRenewalAt()).toBe(noTime);
    expect(permissions.dueForRenewal(1_000)).toBeUndefined();
  });

  it('[TU-07] is due 240 s after they were granted, if they were used', () => {
    const permissions = granted(1_000, first);
    permissions.use(first, 1_001);
    expect(permissions.nextRenewalAt()).toBe(241_000);
    expect(permissions.dueForRenewal(240_999)).toBeUndefined();
    expect(permissions.count).toBe(1);
    expect(permissions.dueForRenewal(241_000)).toBe(first);
    expect(permissions.count).toBe(1);
  });

  it('is due at no time while it is under way, and 240 s after its end', () => {
    const permissions = granted(1_000, first);
    permissions.use(first, 1_001);
    permissions.ask(first, 241_000);
    expect(permissions.nextRenewalAt()).toBe(noTime);
    expect(permissions.dueForRenewal(900_000)).toBeUndefined();
    expect(permissions.count).toBe(1);
    permissions.grant(first, 241_500);
    expect(permissions.nextRenewalAt()).toBe(481_500);
  });

  it('is left out for unused ones, which are forgotten', () => {
    const permissions = granted(1_000, first, second);
    permissions.use(second, 2_000);
    expect(permissions.dueForRenewal(241_000)).toBe(second);
    expect(permissions.count).toBe(1);
    expect(permissions.state(first, 241_000)).toBe('none');
    expect(permissions.state(second, 241_000)).toBe('granted');
  });

  it('is left out for refused ones, which are forgotten after 60 s, used or not', () => {
    const permissions = newPermissions();
    permissions.refuse(first, 1_000);
    permissions.refuse(second, 1_000);
    permissions.use(second, 2_000);
    expect(permissions.nextRenewalAt()).toBe(61_000);
    expect(permissions.dueForRenewal(60_999)).toBeUndefined();
    expect(permissions.count).toBe(2);
    expect(permissions.dueForRenewal(61_000)).toBeUndefined();
    expect(permissions.count).toBe(0);
  });

  it('is left out for those that are asked for', () => {
    const permissions = newPermissions();
    permissions.ask(first, 1_000);
    permissions.use(first, 2_000);
    expect(permissions.nextRenewalAt()).toBe(noTime);
    expect(permissions.dueForRenewal(900_000)).toBeUndefined();
    expect(permissions.count).toBe(1);
  });

  it('is due for each address in its turn', () => {
    const permissions = newPermissions();
    permissions.grant(first, 3_000);
    permissions.grant(second, 1_000);
    permissions.grant(third, 2_000);
    for (const address of [first, second, third]) permissions.use(address, 4_000);
    expect(permissions.nextRenewalAt()).toBe(241_000);
    expect(renewed(permissions, 242_000)).toEqual([second, third]);
    expect(permissions.nextRenewalAt()).toBe(243_000);
    expect(renewed(permissions, 243_000)).toEqual([first]);
    expect(permissions.nextRenewalAt()).toBe(noTime);
  });
});

describe('doubt', () => {
  it('[TU-07] makes all granted permissions due at once, used or not', () => {
    const permissions = granted(1_000, first, second, third);
    permissions.use(second, 2_000);
    permissions.doubt();
    expect(permissions.nextRenewalAt()).toBe(never);
    expect(renewed(permissions, 3_000)).toEqual([first, second, third]);
    expect(permissions.nextRenewalAt()).toBe(noTime);
    permissions.grant(first, 4_000);
    expect(permissions.nextRenewalAt()).toBe(244_000);
    expect(permissions.state(second, 4_000)).toBe('granted');
  });

  it('changes nothing for a renewal under way', () => {
    const permissions = granted(1_000, first);
    permissions.ask(first, 2_000);
    permissions.doubt();
    expect(permissions.nextRenewalAt()).toBe(noTime);
    expect(permissions.dueForRenewal(3_000)).toBeUndefined();
  });

  it('changes nothing for those that are asked for or refused', () => {
    const permissions = newPermissions();
    permissions.ask(first, 1_000);
    permissions.doubt();
    expect(permissions.nextRenewalAt()).toBe(noTime);
    permissions.refuse(second, 1_000);
    permissions.doubt();
    expect(permissions.nextRenewalAt()).toBe(61_000);
    expect(permissions.dueForRenewal(61_000)).toBeUndefined();
    expect(permissions.count).toBe(1);
    expect(permissions.state(first, 61_000)).toBe('asked');
  });
});

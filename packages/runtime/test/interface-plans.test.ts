import { parseIpv6, teredoServicePrefix } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import { commandFailed } from '../src/host/ip-command.ts';
import { clientPlan, downCommands, relayPlan, upCommands } from '../src/tunnel/interface-plans.ts';

const address = parseIpv6('2001:0:c000:201:1234:efff:34ff:8ef8')!;
const text = (plan: readonly (readonly string[])[]) => plan.map((command) => command.join(' '));

describe('the interface of a client', () => {
  it('[CL-U-03][IO-11] carries the common link-local and the Teredo address, and a default route that others win against', () => {
    expect(text(upCommands(clientPlan('teredo', address, 1280)))).toEqual([
      'link set dev teredo addrgenmode none',
      'link set dev teredo mtu 1280 up',
      'address add fe80::ffff:ffff:ffff/64 dev teredo scope link nodad',
      'address add 2001:0:c000:201:1234:efff:34ff:8ef8/32 dev teredo nodad',
      'route add default dev teredo metric 1000000',
    ]);
  });

  it('has nothing left after the address was lost', () => {
    expect(text(downCommands('teredo'))).toEqual(['address flush dev teredo', 'link set dev teredo down']);
  });
});

describe('the interface of a relay', () => {
  it('[RL-A-01a][HR-17] takes exactly the service prefix, at MTU 1280, and has no address', () => {
    expect(text(upCommands(relayPlan('teredo', teredoServicePrefix)))).toEqual([
      'link set dev teredo addrgenmode none',
      'link set dev teredo mtu 1280 up',
      'route add 2001::/32 dev teredo mtu 1280',
    ]);
  });
});

describe('a failed command', () => {
  const plan = upCommands(relayPlan('teredo', teredoServicePrefix));

  it('is named with what ip says', () => {
    const error = commandFailed(plan, 'RTNETLINK answers: File exists\nCommand failed -:3\n');
    expect(error.code).toBe('command-failed');
    expect(error.message).toBe('"ip -6 route add 2001::/32 dev teredo mtu 1280" failed: File exists.');
  });

  it('points to a missing privilege', () => {
    expect(commandFailed(plan, 'RTNETLINK answers: Operation not permitted\nCommand failed -:1\n').code).toBe(
      'no-privilege',
    );
  });

  it('points to IPv6 being off', () => {
    const error = commandFailed(plan, 'RTNETLINK answers: Permission denied\nCommand failed -:1\n');
    expect(error.message).toContain('disable_ipv6');
  });
});

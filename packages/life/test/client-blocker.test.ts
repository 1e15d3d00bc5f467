import { Ipv4Policy, Ipv6Policy, parseIpv4, parseIpv6 } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import { type BlockerProbes, type BlockerSettings, clientBlocker, type HostAddresses } from '../src/index.ts';

const ipv4 = new Ipv4Policy({ strictness: 'strict' });
const policies = { ipv4, ipv6: new Ipv6Policy({ ipv4 }) };
const settings: BlockerSettings = {
  isEnabled: true,
  managedNetwork: 'stay-off',
  nativeIpv6: 'step-back',
  interfaceName: 'teredo',
};
const sign = '/etc/krb5.keytab';

/** A host with everything that may keep a client from running. */
const host: HostAddresses = {
  ipv4: ['10.0.0.2', '8.8.4.4'].map((text) => ({
    address: parseIpv4(text)!,
    prefixLength: 24,
    interfaceName: 'eth0',
  })),
  ipv6: ['teredo', 'eth0'].map((interfaceName, index) => ({
    address: parseIpv6(`2a00:1::${index}`)!,
    interfaceName,
    isTentative: false,
    isDeprecated: false,
    isTemporary: false,
  })),
  ipv4Gateways: [],
  ipv6Exits: ['teredo', 'eth0'],
};
const probes: BlockerProbes = { signOfManagement: () => sign, preferOther: () => true };
const noProbes: BlockerProbes = { signOfManagement: () => undefined, preferOther: () => false };
const ipv4Only: HostAddresses = { ...host, ipv6Exits: ['teredo'] };

describe('[CL-U-01] the reason that keeps a client from running', () => {
  it('is that it is switched off, before all others', () => {
    const blocker = clientBlocker({ ...settings, isEnabled: false }, policies, host, probes);
    expect(blocker).toEqual({ reason: 'switched-off', evidence: undefined });
  });

  it('is a managed network, unless that is ignored', () => {
    expect(clientBlocker(settings, policies, host, probes)).toEqual({ reason: 'managed-network', evidence: sign });
    expect(clientBlocker({ ...settings, managedNetwork: 'ignore' }, policies, host, probes)?.reason).toBe(
      'native-ipv6',
    );
  });

  it('is native IPv6 on another interface than its own, unless that is ignored', () => {
    expect(clientBlocker(settings, policies, host, noProbes)).toEqual({
      reason: 'native-ipv6',
      evidence: '2a00:1::1, default route through eth0',
    });
    expect(clientBlocker({ ...settings, nativeIpv6: 'ignore' }, policies, host, noProbes)).toBeUndefined();
    expect(clientBlocker(settings, policies, ipv4Only, noProbes)).toBeUndefined();
  });

  it('is native IPv6 by its address alone where the routes are too many to read', () => {
    const manyRoutes = { ...host, ipv6Exits: ['*'] };
    expect(clientBlocker(settings, policies, manyRoutes, noProbes)?.evidence).toBe('2a00:1::1');
  });

  it('[CL-U-02] is something better at a global IPv4 address', () => {
    const other: BlockerProbes = { ...probes, signOfManagement: () => undefined };
    const ipv4OnlyBlocker = clientBlocker(settings, policies, ipv4Only, other);
    expect(ipv4OnlyBlocker).toEqual({ reason: 'other-preferred', evidence: '8.8.4.4' });
    const behindNat = { ...ipv4Only, ipv4: ipv4Only.ipv4.slice(0, 1) };
    expect(clientBlocker(settings, policies, behindNat, other)).toBeUndefined();
  });
});

import { Ipv4Policy, parseIpv4, parseIpv4Prefix } from '@navalis/address';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type MappingProtocol, mappingProtocols, type ProtocolFinding, surveyRouter } from '../src/index.ts';
import { MappedHost } from './mapped-host.ts';

let host: MappedHost;
beforeEach(async () => {
  host = await MappedHost.create();
});
afterEach(() => host.close());

function survey(...mapped: readonly MappingProtocol[]): Promise<readonly ProtocolFinding[]> {
  const policy = new Ipv4Policy({ strictness: 'strict', extraGlobal: [parseIpv4Prefix('203.0.113.0/24')!] });
  return surveyRouter({ route: host.route(), mapped, policy, time: host.time, ports: host.ports });
}

const external = { address: parseIpv4('203.0.113.7')!, port: 40_000 };

describe('a survey of a router', () => {
  it('maps the port by each protocol that may map, and leaves nothing', async () => {
    Object.assign(host.router, { speaksPcp: true, speaksNatPmp: true, speaksUpnp: true });
    expect(await survey(...mappingProtocols)).toEqual(
      mappingProtocols.map((protocol) => ({ protocol, kind: 'mapped', external, isNested: false, isRemoved: true })),
    );
    expect(host.router.mappings.size).toBe(0);
    expect(host.router.calls.map(({ action }) => action)).toContain('AddPortMapping');
  });

  it('maps nothing by the others, and tells whether the router speaks them', async () => {
    Object.assign(host.router, { speaksPcp: true, speaksNatPmp: true, speaksUpnp: true });
    const { address } = external;
    expect(await survey('nat-pmp')).toEqual([
      { protocol: 'pcp', kind: 'speaks', address: undefined },
      { protocol: 'nat-pmp', kind: 'mapped', external, isNested: false, isRemoved: true },
      { protocol: 'upnp', kind: 'speaks', address },
    ]);
    const before = host.router.control.length;
    expect((await survey()).map(({ kind }) => kind)).toEqual(['speaks', 'speaks', 'speaks']);
    // PCP: ANNOUNCE; NAT-PMP: external address.
    expect(host.router.control.slice(before)).toEqual(['2/0', '0/0']);
    expect(host.router.calls.map(({ action }) => action)).toEqual(['GetExternalIPAddress', 'GetExternalIPAddress']);
    expect(host.router.mappings.size).toBe(0);
  });

  it('tells silence, refusals and a router behind another NAT', { timeout: 20_000 }, async () => {
    expect((await survey('pcp', 'upnp')).map(({ kind }) => kind)).toEqual(['silent', 'silent', 'silent']);
    Object.assign(host.router, { speaksPcp: true, speaksNatPmp: true, external: '10.1.2.3', pcpResult: 2 });
    expect(await survey('pcp', 'nat-pmp')).toMatchObject([
      { kind: 'refused', reason: 'it does not allow mappings for this host' },
      { kind: 'mapped', isNested: true },
      { kind: 'silent' },
    ]);
  });

  it('asks again when the first answer was missed', async () => {
    // One question is three requests.
    const isAskedAgain = () => host.router.control.filter((request) => request === '0/0').length > 3;
    Object.defineProperty(host.router, 'speaksNatPmp', { get: isAskedAgain });
    expect((await survey())[1]).toMatchObject({ protocol: 'nat-pmp', kind: 'speaks' });
  });

  it('believes no external endpoint that a router cannot have', { timeout: 20_000 }, async () => {
    Object.assign(host.router, { speaksPcp: true, external: '127.0.0.9' });
    expect((await survey('pcp'))[0]).toMatchObject({ kind: 'refused' });
    expect(host.router.mappings.size).toBe(0);
  });
});

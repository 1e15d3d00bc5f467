import { parseIpv4 } from '@navalis/address';
import type { TurnConfiguration } from '@navalis/config';
import type { SocketMapping } from '@navalis/nat-probe';
import type { ProtocolFinding } from '@navalis/port-mapping';
import { parseTurnUri } from '@navalis/turn';
import { describe, expect, it } from 'vitest';
import { mechanismLines, reachLines } from '../../src/diagnosis/mechanism-lines.ts';
import { type Circumstances, mechanismsOf, peerReach, usesTurn } from '../../src/diagnosis/mechanisms.ts';
import type { TurnFinding } from '../../src/diagnosis/try-turn-servers.ts';
import { circumstancesOf, findings, local, mapped, noRouter } from './circumstances.ts';

const uri = parseTurnUri('turn:turn.example')!;
const relayed: TurnFinding = { uri, relayed: { ...mapped, port: 50_000 }, failure: undefined };
const refused: TurnFinding = { uri, relayed: undefined, failure: 'wrong-credentials' };

/** Sockets that the server sees at these ports, by its primary and its secondary address. */
function seen(...ports: readonly (readonly [number, number])[]): readonly SocketMapping[] {
  return ports.map(([one, other], socket) => ({
    local: { ...local, port: local.port + socket },
    byPrimary: { ...mapped, port: one },
    bySecondary: { ...mapped, port: other },
  }));
}

const portRestricted = findings({ fromUnknownAddress: 'filtered', fromOtherPort: 'filtered', hairpins: false });
const portSymmetric = findings({ mappings: seen([7000, 31_001], [9, 40_004]) });
const preserving = findings({ mappings: seen([5000, 31_001], [5001, 40_004]) });
const sequential = findings({ mappings: seen([7000, 7001], [7002, 7003]) });
const blocked = findings({ mappings: [{ local, byPrimary: undefined, bySecondary: undefined }] });

function withTurn(use: TurnConfiguration['use'], ...turn: readonly TurnFinding[]): Partial<Circumstances> {
  const servers: TurnConfiguration = { servers: [uri], credentials: { username: 'a', password: 'b' }, use };
  const { engine } = circumstancesOf(portRestricted).configuration;
  return { turn, configuration: { turn: servers, engine } };
}

describe('what each mechanism does here', () => {
  it('is nothing behind a NAT that is not symmetric, but for hosts behind the same one', () => {
    expect(mechanismsOf(circumstancesOf(portRestricted))).toEqual({
      symmetricNatSupport: 'not-needed',
      portPreserving: 'not-needed',
      sequentialPorts: 'not-needed',
      hairpinning: 'used',
    });
    expect(mechanismsOf(circumstancesOf({ ...portRestricted, hairpins: true })).hairpinning).toBe('not-needed');
    expect(mechanismsOf(circumstancesOf(portRestricted, {}, { hairpinning: false })).hairpinning).toBe('off');
    expect(mechanismsOf(circumstancesOf(findings({}))).hairpinning).toBe('unknown');
    const own = findings({ mappings: [{ local, byPrimary: local, bySecondary: local }] });
    expect(mechanismsOf(circumstancesOf(own)).hairpinning).toBe('not-needed');
  });

  it('depends on how a symmetric NAT chooses ports', () => {
    const of = (found: typeof blocked, off = {}) => mechanismsOf(circumstancesOf(found, {}, off));
    expect(of(portSymmetric)).toMatchObject({
      symmetricNatSupport: 'used',
      portPreserving: 'no-use',
      sequentialPorts: 'no-use',
    });
    expect(of(preserving)).toMatchObject({ portPreserving: 'used', sequentialPorts: 'no-use' });
    expect(of(sequential)).toMatchObject({ portPreserving: 'no-use', sequentialPorts: 'used' });
    expect(of(preserving, { portPreserving: false }).portPreserving).toBe('off');
    expect(of(sequential, { sequentialPorts: false }).sequentialPorts).toBe('off');
    expect(of(portSymmetric, { symmetricNatSupport: false }).symmetricNatSupport).toBe('off');
    expect(of(blocked)).toMatchObject({ symmetricNatSupport: 'unknown', portPreserving: 'unknown' });
  });
});

describe('which peers are reached how', () => {
  const router = (...protocols: readonly ProtocolFinding[]): Pick<Circumstances, 'router'> => ({
    router: { address: parseIpv4('192.168.1.1')!, protocols },
  });
  const mapping = { protocol: 'pcp', kind: 'mapped', external: mapped, isNested: false, isRemoved: true } as const;

  it('follows the table of RFC 6081', () => {
    expect(peerReach(circumstancesOf(portRestricted))).toMatchObject({
      cone: 'direct',
      'port-restricted': 'direct',
      'sequential-symmetric': 'direct',
      'port-symmetric': 'none',
    });
    expect(peerReach(circumstancesOf(preserving))).toMatchObject({
      'sequential-symmetric': 'direct-own-first',
      'address-symmetric': 'none',
    });
    expect(peerReach(circumstancesOf(sequential))['port-preserving-symmetric']).toBe('direct-peer-first');
    expect(peerReach(circumstancesOf(preserving, {}, { portPreserving: false }))['port-restricted']).toBe('none');
    const without = { symmetricNatSupport: false, portPreserving: false, sequentialPorts: false };
    expect(peerReach(circumstancesOf(portRestricted, {}, without))['sequential-symmetric']).toBe('none');
    // The worst kind, while the filtering was not seen.
    expect(peerReach(circumstancesOf(findings({})))['port-symmetric']).toBe('none');
  });

  it('counts a port mapping that reaches the Internet', () => {
    const of = (found: typeof blocked, more: Partial<Circumstances>) =>
      peerReach(circumstancesOf(found, more))['upnp-port-symmetric'];
    expect(of(portRestricted, {})).toBe('none');
    expect(of(portRestricted, router(mapping))).toBe('direct');
    expect(of(portSymmetric, router(mapping))).toBe('direct');
    expect(of(portRestricted, router({ ...mapping, isNested: true }))).toBe('none');
    expect(of(portRestricted, router({ protocol: 'pcp', kind: 'speaks', address: undefined }))).toBe('none');
  });

  it('leads through a TURN server that gives an allocation, where the client uses it', () => {
    const all = (found: typeof blocked, more: Partial<Circumstances>) => {
      const circumstances = circumstancesOf(found, more);
      return { uses: usesTurn(circumstances), ...peerReach(circumstances) };
    };
    const relaying = { uses: true, cone: 'turn', 'port-symmetric': 'turn', 'address-symmetric': 'none' };
    expect(all(portSymmetric, withTurn('fallback', refused, relayed))).toMatchObject(relaying);
    expect(all(blocked, withTurn('fallback', relayed))).toMatchObject(relaying);
    expect(all(portRestricted, withTurn('always', relayed))).toMatchObject(relaying);
    expect(all(portRestricted, withTurn('fallback', relayed))).toMatchObject({ uses: false, cone: 'direct' });
    expect(all(portSymmetric, withTurn('fallback', refused))).toMatchObject({ uses: false, cone: 'direct' });
    expect(all(blocked, withTurn('always', refused))).toMatchObject({ uses: false, cone: 'none' });
  });

  it('is printed as a table', () => {
    const text = reachLines(peerReach(circumstancesOf(preserving))).join('\n');
    expect(text).toMatch(/\n {2}cone +directly\n/);
    expect(text).toMatch(/\n {2}sequential-symmetric +directly, if this host sends first\n/);
    expect(text).toMatch(/\n {2}address-symmetric +not, or only by chance\n/);
    expect(reachLines(peerReach(circumstancesOf(blocked, withTurn('always', relayed)))).join('\n')).toMatch(
      /\n {2}cone +through the TURN server\n/,
    );
  });
});

describe('the lines about mechanisms', () => {
  const text = (
    protocols: readonly ProtocolFinding[] | undefined,
    portMapping: 'off' | 'auto' | 'pcp' = 'off',
    turn: readonly TurnFinding[] = [],
  ) => {
    const router = protocols === undefined ? noRouter : { address: parseIpv4('192.168.1.1')!, protocols };
    return mechanismLines(mechanismsOf(circumstancesOf(portRestricted)), router, turn, { portMapping }).join('\n');
  };
  const silent = { protocol: 'nat-pmp', kind: 'silent' } as const;

  it('name what is used and what is not needed', () => {
    expect(text([silent])).toMatch(/Symmetric +not needed by this NAT, but by peers behind symmetric ones\n/);
    expect(text([silent])).toMatch(/Preserving +not needed: the NAT is not symmetric\n/);
    expect(text([silent])).toMatch(/Same NAT +the NAT does not connect them, so clients tell each other/);
    expect(text([silent])).toMatch(/TURN +not tried: the key turn names no server$/);
  });

  it('tell what the router said, and that it was not asked for a mapping where the key is off', () => {
    expect(text(undefined)).toMatch(/Port mapping +not tried: no router is on the way to the server\n/);
    expect(text([silent])).toContain('(port-mapping is "off"); the router at 192.168.1.1 speaks no protocol for it');
    const speaks = (protocol: 'pcp' | 'upnp') => ({ protocol, kind: 'speaks', address: undefined }) as const;
    expect(text([speaks('pcp'), silent, speaks('upnp')])).toContain(
      'not asked for; the router at 192.168.1.1 speaks PCP and UPnP: set port-mapping to "auto" to use that',
    );
    const made = { kind: 'mapped', external: mapped, isNested: false, isRemoved: true } as const;
    const said = text(
      [
        { protocol: 'pcp', ...made },
        { protocol: 'nat-pmp', ...made, isNested: true, isRemoved: false },
        { protocol: 'upnp', kind: 'refused', reason: 'it does not allow mappings' },
      ],
      'auto',
    );
    expect(said).toMatch(/Port mapping +PCP: the router mapped 203\.0\.113\.9:7000 \(removed again\)\n/);
    expect(said).toMatch(/\n +NAT-PMP: .* not global: another NAT stands before the router \(it did not confirm/);
    expect(said).toMatch(/\n +UPnP: refused: it does not allow mappings\n/);
    expect(text([silent, speaks('upnp')], 'pcp')).toMatch(/NAT-PMP: no answer\n.*UPnP: the router speaks it, but/);
  });

  it('tell what each TURN server gives', () => {
    const failed = (failure: TurnFinding['failure']): TurnFinding => ({ uri, relayed: undefined, failure });
    const said = text([silent], 'off', [relayed, refused, failed('name-not-resolved')]);
    expect(said).toMatch(/TURN +turn\.example:3478 over UDP relays 203\.0\.113\.9:50000\n/);
    expect(said).toContain('turn.example:3478 over UDP: it refuses the user name or the password');
    expect(said).toContain('the name does not resolve');
  });
});

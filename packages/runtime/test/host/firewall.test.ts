import { describe, expect, it } from 'vitest';
import { type CommandReader, ip6tablesGuard, nftablesGuard, seeFirewall } from '../../src/host/firewall.ts';

const input = { family: 'inet', table: 'filter', name: 'in', type: 'filter', hook: 'input', prio: 0, policy: 'accept' };
const metainfo = { version: '1.0.6', json_schema_version: 1 };

function ruleset(chain: object, ...rules: readonly object[]): string {
  return JSON.stringify({
    nftables: [
      { metainfo },
      { table: { family: 'inet', name: 'filter' } },
      { chain: { ...input, ...chain } },
      ...rules.map((rule) => ({ rule: { family: 'inet', table: 'filter', chain: 'in', expr: [], ...rule } })),
    ],
  });
}

describe('a ruleset of nftables', () => {
  it.each<[string, string]>([
    ['that drops by its policy', ruleset({ policy: 'drop' })],
    ['that drops by a rule', ruleset({}, { expr: [{ match: {} }, { drop: null }] })],
    ['that rejects in a chain it jumps to', ruleset({}, { chain: 'other', expr: [{ reject: { type: 'icmpv6' } }] })],
    [
      'that ip6tables made',
      ruleset({ family: 'ip6' }, { family: 'ip6', expr: [{ xt: { type: 'target', name: 'REJECT' } }] }),
    ],
  ])('[SEC-01] %s guards', (_, text) => {
    expect(nftablesGuard(text)).toBe(true);
  });

  it.each<[string, string]>([
    ['empty', JSON.stringify({ nftables: [{ metainfo }] })],
    ['that accepts all', ruleset({}, { expr: [{ counter: { packets: 0, bytes: 0 } }, { accept: null }] })],
    ['for IPv4 alone', ruleset({ family: 'ip', policy: 'drop' })],
    ['for forwarded packets alone', ruleset({ hook: 'forward', policy: 'drop' })],
    ['whose rule is in another table', ruleset({}, { table: 'other', expr: [{ drop: null }] })],
  ])('[SEC-01] %s does not', (_, text) => {
    expect(nftablesGuard(text)).toBe(false);
  });
});

describe('rules of ip6tables', () => {
  it('[SEC-01] guard when something incoming is refused', () => {
    expect(ip6tablesGuard('-P INPUT DROP\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n')).toBe(true);
    expect(ip6tablesGuard('-P INPUT ACCEPT\n-A ufw6-user-input -i teredo -j REJECT --reject-with icmp6-port\n')).toBe(
      true,
    );
    expect(ip6tablesGuard('-P INPUT ACCEPT\n-P FORWARD DROP\n-P OUTPUT ACCEPT\n')).toBe(false);
    expect(ip6tablesGuard('-P INPUT ACCEPT\n-A FORWARD -j DROP\n-A INPUT -j ACCEPT\n')).toBe(false);
  });
});

describe('the look for a firewall', () => {
  const open = ruleset({});
  const ip6tables = '-P INPUT DROP\n';

  /** A host with these commands; a text that is missing means that the command fails. */
  function sight(outputs: Readonly<Record<string, string | null>>, legacyTables = '') {
    const asked: string[] = [];
    const read: CommandReader = async (command) => {
      asked.push(command);
      const output = outputs[command];
      if (output === null) throw new Error('Operation not permitted');
      return output;
    };
    return seeFirewall(read, () => legacyTables).then((seen) => ({ seen, asked }));
  }

  it('[SEC-01] asks nftables, and ip6tables only where it is in use or nothing else is there', async () => {
    expect(await sight({ nft: ruleset({ policy: 'drop' }), ip6tables: '' })).toEqual({
      seen: 'guards',
      asked: ['nft'],
    });
    expect(await sight({ nft: open, ip6tables })).toEqual({ seen: 'open', asked: ['nft'] });
    expect((await sight({ nft: open, ip6tables }, 'nat\nfilter\n')).seen).toBe('guards');
    expect((await sight({ nft: open, 'ip6tables-legacy': ip6tables, ip6tables: '' }, 'filter\n')).seen).toBe('guards');
    expect((await sight({ ip6tables })).seen).toBe('guards');
  });

  it('[SEC-01] treats a host without either command as open, and reports when it lacks the privilege to read the rules', async () => {
    expect((await sight({})).seen).toBe('open');
    expect((await sight({ nft: null })).seen).toBe('unknown');
    expect((await sight({ nft: 'not what was asked for' })).seen).toBe('unknown');
    expect((await sight({ nft: null, ip6tables })).seen).toBe('guards');
  });
});

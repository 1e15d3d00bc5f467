import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The firewall for incoming IPv6: it refuses packets, is absent, or is unknown without the privilege to read it. */
export type FirewallSight = 'guards' | 'open' | 'unknown';

/** Returns the output of a command; undefined when it is not installed. Rejects when it fails. */
export type CommandReader = (command: string, args: readonly string[]) => Promise<string | undefined>;

/**
 * Looks for a host firewall (RFC 4380 7.1, SEC-01). It reads the rules of nftables, and those of the older ip6tables where
 * nftables does not know of them. Any rule that refuses incoming IPv6 counts: its author decides which packets it
 * refuses. A host with neither command is assumed to have no firewall. Changes nothing.
 */
export async function seeFirewall(
  read: CommandReader = readCommand,
  legacyTables: () => string = readLegacyTables,
): Promise<FirewallSight> {
  let isBlind = false;
  const guards = async (command: string, args: readonly string[], judge: (text: string) => boolean) => {
    try {
      const text = await read(command, args);
      return text === undefined ? undefined : judge(text);
    } catch {
      isBlind = true;
      return undefined;
    }
  };
  // Omits the elements of sets: there may be a million.
  const byNftables = await guards('nft', ['--json', '--terse', 'list', 'ruleset'], nftablesGuard);
  if (byNftables === true) return 'guards';
  // A query by ip6tables loads its kernel module, so only hosts that already use it or have nothing newer are queried.
  if (byNftables === undefined || /^filter$/m.test(legacyTables())) {
    for (const command of ['ip6tables-legacy', 'ip6tables']) {
      if (await guards(command, ['-S'], ip6tablesGuard)) return 'guards';
    }
  }
  return isBlind ? 'unknown' : 'open';
}

/** Returns true if a filter of incoming IPv6 refuses by its policy, or a rule of its table does. `text`: `nft --json list ruleset`. */
export function nftablesGuard(text: string): boolean {
  const { nftables: objects } = JSON.parse(text) as { readonly nftables: readonly NftablesObject[] };
  const inputs = objects.flatMap(({ chain }) =>
    chain?.hook === 'input' && chain.type === 'filter' && ipv6Families.includes(chain.family) ? [chain] : [],
  );
  return inputs.some(
    ({ family, table, policy }) =>
      policy === 'drop' ||
      objects.some(({ rule }) => rule?.family === family && rule.table === table && rule.expr.some(refuses)),
  );
}

/** Returns true if the policy or a rule refuses incoming IPv6. `text`: `ip6tables -S`. */
export function ip6tablesGuard(text: string): boolean {
  return /^-P INPUT DROP$/m.test(text) || /^-A (?!FORWARD |OUTPUT ).*-j (DROP|REJECT)\b/m.test(text);
}

const ipv6Families: readonly string[] = ['inet', 'ip6'];

interface NftablesObject {
  readonly chain?: {
    readonly family: string;
    readonly table: string;
    readonly type?: string;
    readonly hook?: string;
    readonly policy?: string;
  };
  readonly rule?: { readonly family: string; readonly table: string; readonly expr: readonly NftablesStatement[] };
}

/** An object with one member named after the statement; `xt` holds the extensions of ip6tables. */
type NftablesStatement = { readonly xt?: { readonly name?: string } | null } & Readonly<Record<string, unknown>>;

function refuses(statement: NftablesStatement): boolean {
  return 'drop' in statement || 'reject' in statement || statement.xt?.name === 'REJECT';
}

const patienceMs = 5_000;
const mostOctets = 16 * 1024 * 1024;

const readCommand: CommandReader = (command, args) =>
  new Promise((resolve, reject) => {
    execFile(command, [...args], { timeout: patienceMs, maxBuffer: mostOctets }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else if (error.code === 'ENOENT') resolve(undefined);
      else reject(error);
    });
  });

/** Tables of the older ip6tables that the kernel holds, one a line. Only root can read it, and only while the module is loaded. */
function readLegacyTables(): string {
  try {
    return readFileSync('/proc/net/ip6_tables_names', 'utf8');
  } catch {
    return '';
  }
}

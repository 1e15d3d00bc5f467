import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The firewall for incoming IPv6: one that refuses something, none, or unknown for lack of rights. */
export type FirewallSight = 'guards' | 'open' | 'unknown';

/** Returns the output of a command; undefined when it is not installed. Rejects when it fails. */
export type CommandReader = (command: string, args: readonly string[]) => Promise<string | undefined>;

/**
 * Looks for a host firewall (RFC 4380 7.1, SEC-01). It reads the rules of nftables, and those of the older ip6tables where
 * nftables does not know of them. A look only: which packets the rules refuse is their maker's affair, so that anything
 * which refuses incoming IPv6 counts. A host with neither command is taken to have no firewall.
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
  // Without the elements of sets, of which there may be a million.
  const byNftables = await guards('nft', ['--json', '--terse', 'list', 'ruleset'], nftablesGuard);
  if (byNftables === true) return 'guards';
  // Asking ip6tables has the kernel load its module, so that is left to hosts that use it already or have nothing newer.
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

/** An object with one member, named like the statement; what ip6tables made of extensions is called `xt`. */
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

/** Tables of the older ip6tables that the kernel holds, one a line. Readable for root alone, and only where it is loaded. */
function readLegacyTables(): string {
  try {
    return readFileSync('/proc/net/ip6_tables_names', 'utf8');
  } catch {
    return '';
  }
}

import { randomInt } from 'node:crypto';
import { formatIpv4, type Ipv4Policy, type Ipv4Value, parseIpv4 } from '@navalis/address';
import { checkServerAddresses, type ServerChoice } from '@navalis/config';
import { NavalisError } from '../../navalis-error.ts';

export interface ResolvedServer {
  readonly name: string;
  readonly primary: Ipv4Value;
  readonly secondary: Ipv4Value;
}

/** Returns the IPv4 addresses of a name in text, at least one, or rejects. */
export type NameLookup = (name: string) => Promise<readonly string[]>;

/** The collaborators of a resolution, and the servers known before. */
export interface ServerLookup {
  readonly policy: Ipv4Policy;
  readonly lookUp: NameLookup;
  /** Takes the error of each server, or address of a name, that is left out while others can be used. */
  readonly skipped: (error: NavalisError) => void;
  /** The servers of the last look-up. */
  readonly known?: readonly ResolvedServer[];
  /** The server in use, or that of the last run. */
  readonly kept?: Ipv4Value | undefined;
  /** Returns true if a name had one of these addresses before. */
  readonly hadOneOf?: (name: string, addresses: Iterable<Ipv4Value>) => boolean;
}

/** Our choice: of a name with more addresses, this many are used, drawn at random so that clients spread over all. */
const addressesOfNameLimit = 8;

/**
 * Finds the addresses of the configured servers, in their order. A name with several addresses is as many servers. Addresses
 * in `known` come first and keep their order, so that a name server that rotates its answers changes nothing. The server in use stays, too,
 * while its name has another known address: a name server may return only some of them each time. The addresses of a name are kept while
 * no name server answers.
 * @throws NavalisError `name-not-resolved` when none resolves, `configuration` when no address may be a server's.
 */
export async function resolveServers(
  choices: readonly ServerChoice[],
  { policy, lookUp, skipped, known = [], kept, hadOneOf = () => false }: ServerLookup,
): Promise<readonly ResolvedServer[]> {
  const outcomes = await Promise.all(
    choices.map(async (choice) => {
      const before = known.filter(({ name }) => name === choice.name).map(({ primary }) => primary);
      const addresses = await addressesOf(choice, lookUp, { before, kept, hadOneOf });
      return addresses instanceof NavalisError ? [addresses] : serversAt(choice, addresses, policy);
    }),
  );
  const all = outcomes.flat();
  const errors = all.filter((each) => each instanceof NavalisError);
  if (errors.length === all.length) throw errors[0]!;
  for (const error of errors) skipped(error);
  const servers = all.flatMap((each) => (each instanceof NavalisError ? [] : [each]));
  return servers.filter((server, index) => servers.findIndex((each) => isSameServer(each, server)) === index);
}

export function isSameServer(left: ResolvedServer, right: ResolvedServer): boolean {
  return left.primary === right.primary && left.secondary === right.secondary;
}

/** Addresses that a name had before, and the one to keep. */
interface KnownAddresses {
  readonly before: readonly Ipv4Value[];
  readonly kept: Ipv4Value | undefined;
  readonly hadOneOf: (name: string, addresses: Iterable<Ipv4Value>) => boolean;
}

/** Puts the known addresses first, in their order. */
async function addressesOf(
  { name }: ServerChoice,
  lookUp: NameLookup,
  { before, kept, hadOneOf }: KnownAddresses,
): Promise<readonly Ipv4Value[] | NavalisError> {
  const literal = parseIpv4(name);
  if (literal !== undefined) return [literal];
  try {
    const found = new Set((await lookUp(name)).map((text) => parseIpv4(text)!));
    const isSameName = before.some((address) => found.has(address)) || hadOneOf(name, found);
    const staying = before.filter((address) => found.delete(address) || (isSameName && address === kept));
    if (kept !== undefined && found.delete(kept)) staying.unshift(kept);
    return [...staying, ...drawnFrom([...found], addressesOfNameLimit - staying.length)].slice(0, addressesOfNameLimit);
  } catch (error) {
    if (before.length > 0) return before;
    const isSilent = (error as NodeJS.ErrnoException).code === 'EAI_AGAIN';
    const reason = isSilent ? 'no name server answers' : 'no such name';
    const cure = isSilent ? 'check the network and /etc/resolv.conf' : 'correct the key server or the name server';
    const sentence = `Server name ${name} does not resolve to an IPv4 address (${reason}): ${cure}.`;
    return new NavalisError('name-not-resolved', sentence, error, name);
  }
}

/** Returns all of a few addresses in their order, or so many of more at random. */
function drawnFrom(addresses: readonly Ipv4Value[], count: number): readonly Ipv4Value[] {
  const drawn = [...addresses];
  while (drawn.length > Math.max(count, 0)) drawn.splice(randomInt(drawn.length), 1);
  return drawn;
}

function serversAt(
  { name, secondary }: ServerChoice,
  addresses: readonly Ipv4Value[],
  policy: Ipv4Policy,
): readonly (ResolvedServer | NavalisError)[] {
  // A name may list both addresses of its server.
  const primaries = addresses.length > 1 ? addresses.filter((address) => address !== secondary) : addresses;
  const isLiteral = parseIpv4(name) !== undefined;
  const label = isLiteral ? 'server' : `server ${name} has the address`;
  return primaries.map((primary) => {
    try {
      return {
        name,
        primary,
        secondary: checkServerAddresses(primary, secondary, policy, { primary: label, secondary: 'server-secondary' }),
      };
    } catch (error) {
      // The addresses of a name may change; a literal address is a mistake in the configuration.
      if (!(error instanceof NavalisError) || isLiteral) throw error;
      return new NavalisError('name-not-resolved', error.message, error, name);
    }
  });
}

/** `teredo.example (192.0.2.1)`, or the address alone. */
export function describeServer(server: ResolvedServer): string {
  const address = formatIpv4(server.primary);
  return server.name === address ? address : `${server.name} (${address})`;
}

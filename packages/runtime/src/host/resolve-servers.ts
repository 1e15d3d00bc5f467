import { lookup } from 'node:dns/promises';
import { formatIpv4, type Ipv4Policy, type Ipv4Value, parseIpv4 } from '@navalis/address';
import { checkServerAddresses, type ServerChoice } from '@navalis/config';
import { NavalisError } from '@navalis/engine';

export interface ResolvedServer {
  readonly name: string;
  readonly primary: Ipv4Value;
  readonly secondary: Ipv4Value;
}

/** Answers the IPv4 addresses of a name in text, at least one, or rejects. */
export type NameLookup = (name: string) => Promise<readonly string[]>;

/**
 * Finds the addresses of the configured servers, in their order. One that does not resolve is left out and given to
 * `skipped`, as long as another does. Of those in `known` the address is kept while the name still has it, among others, and
 * while nobody answers for the name.
 * @throws NavalisError `name-not-resolved` when none resolves, `configuration` when an address may not be a server's.
 */
export async function resolveServers(
  choices: readonly ServerChoice[],
  policy: Ipv4Policy,
  skipped: (error: NavalisError) => void,
  lookUp: NameLookup,
  known: readonly ResolvedServer[] = [],
): Promise<readonly ResolvedServer[]> {
  const before = new Map(known.map((server) => [server.name, server.primary]));
  const outcomes = await Promise.all(choices.map((choice) => resolve(choice, lookUp, before.get(choice.name))));
  const errors = outcomes.filter((outcome) => outcome instanceof NavalisError);
  if (errors.length === outcomes.length) throw errors[0]!;
  for (const error of errors) skipped(error);
  return outcomes.flatMap((outcome, index) => {
    if (outcome instanceof NavalisError) return [];
    const choice = choices[index]!;
    const label = parseIpv4(choice.name) === undefined ? `server ${choice.name} has the address` : 'server';
    const secondary = checkServerAddresses(outcome, choice.secondary, policy, label, 'server-secondary');
    return [{ name: choice.name, primary: outcome, secondary }];
  });
}

async function resolve(
  choice: ServerChoice,
  lookUp: NameLookup,
  known: Ipv4Value | undefined,
): Promise<Ipv4Value | NavalisError> {
  const literal = parseIpv4(choice.name);
  if (literal !== undefined) return literal;
  try {
    const addresses = (await lookUp(choice.name)).map((text) => parseIpv4(text)!);
    return known !== undefined && addresses.includes(known) ? known : addresses[0]!;
  } catch (error) {
    if (known !== undefined) return known;
    const reason = (error as NodeJS.ErrnoException).code === 'EAI_AGAIN' ? 'no name server answers' : 'no such name';
    const sentence = `Server name ${choice.name} does not resolve to an IPv4 address (${reason}).`;
    return new NavalisError('name-not-resolved', sentence, error);
  }
}

export const lookUpIpv4: NameLookup = async (name) =>
  (await lookup(name, { family: 4, all: true })).map(({ address }) => address);

/** `teredo.example (192.0.2.1)`, or the address alone. */
export function describeServer(server: ResolvedServer): string {
  const address = formatIpv4(server.primary);
  return server.name === address ? address : `${server.name} (${address})`;
}

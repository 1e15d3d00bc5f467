import { formatIpv4, formatIpv6, type Ipv4Value, type Ipv6Value, parseIpv4, teredoPort } from '@navalis/address';
import {
  type ClientConfiguration,
  type Configuration,
  type HttpAddress,
  ipv4PolicyOf,
  ipv6PolicyOf,
} from '@navalis/config';
import {
  type BlockerProbes,
  clientBlocker,
  globalIpv6Addresses,
  type HostAddresses,
  ipv6ConnectivityOf,
} from '@navalis/life';
import { disabledDescription } from '@navalis/telemetry';
import { hasNativeRoute } from '../health/native-route-watch.ts';
import { type NameLookup, resolveServers } from '../host/names/resolve-servers.ts';
import { NavalisError } from '../navalis-error.ts';
import { requireAddresses, type WantedAddress } from '../waiting/require-addresses.ts';

/** One thing that a role needs or that keeps it from its work. */
export interface LiveFinding {
  /** `missing`: the role would fail, wait or be degraded; `note`: it would not run, as configured. */
  readonly state: 'present' | 'missing' | 'note';
  /** One sentence; of a missing thing, with its cure. */
  readonly sentence: string;
}

/** How a check sees this host. Nothing of it changes anything. */
export interface LiveAccess {
  readonly isRunning: () => Promise<boolean>;
  readonly missingCapability: () => NavalisError | undefined;
  /** Throws if the command `ip` is missing. */
  readonly requireIpCommand: () => void;
  /** Returns an error if the program may not open the tunnel device. */
  readonly tunnelDeviceError: () => NavalisError | undefined;
  readonly hasInterface: (name: string) => boolean;
  readonly host: HostAddresses;
  readonly probes: BlockerProbes;
  readonly lookUpName: NameLookup;
  readonly canBind: (address: Ipv4Value) => Promise<boolean>;
  readonly isPortFree: (address: Ipv4Value, port: number) => Promise<boolean>;
  /** Returns the error of an address that http cannot have. */
  readonly httpError: (http: HttpAddress) => Promise<NavalisError | undefined>;
  /** Returns the local address towards a destination; undefined without a route. */
  readonly localAddress: (destination: Ipv4Value, source: Ipv4Value) => Promise<Ipv4Value | undefined>;
  readonly isForwarding: (interfaceName: string) => boolean;
  readonly hasIpv6Route: (destination: Ipv6Value) => Promise<boolean>;
}

/** Returns what the role would find on this host if it started now, in the order in which it would look. */
export async function checkLive(configuration: Configuration, access: LiveAccess): Promise<readonly LiveFinding[]> {
  const isRunning = await access.isRunning();
  return [
    ...(isRunning
      ? [note(`teredo-${configuration.role} runs already: its ports and its interface are in use by it.`)]
      : []),
    ...privileges(configuration, access),
    ...(await addresses(configuration, access, isRunning)),
    ...tunnelInterface(configuration, access, isRunning),
    ...(isRunning ? [] : await statusServer(configuration, access)),
    ...(await ofRole(configuration, access)),
  ];
}

function present(sentence: string): LiveFinding {
  return { state: 'present', sentence };
}

function missing(sentence: string): LiveFinding {
  return { state: 'missing', sentence };
}

function note(sentence: string): LiveFinding {
  return { state: 'note', sentence };
}

function privileges({ role }: Configuration, access: LiveAccess): readonly LiveFinding[] {
  const findings: LiveFinding[] = [];
  const lacking = access.missingCapability();
  findings.push(
    lacking === undefined ? present('This user has the capability that it needs.') : missing(lacking.message),
  );
  if (role === 'server') return findings;
  const error = access.tunnelDeviceError();
  findings.push(error === undefined ? present('/dev/net/tun can be opened.') : missing(error.message));
  try {
    access.requireIpCommand();
    findings.push(present('The command ip is there.'));
  } catch (error) {
    findings.push(missing((error as Error).message));
  }
  return findings;
}

/** The endpoints that the role binds to. */
function wanted(configuration: Configuration): readonly (WantedAddress & { readonly port: number })[] {
  if (configuration.role !== 'server') {
    return [{ address: configuration.bindAddress, key: 'bind-address', port: configuration.bindPort }];
  }
  const { primary, secondary } = configuration;
  const first = { address: primary, key: 'primary-address', port: teredoPort };
  return secondary === undefined
    ? [first]
    : [first, { address: secondary, key: 'secondary-address', port: teredoPort }];
}

async function addresses(
  configuration: Configuration,
  access: LiveAccess,
  isRunning: boolean,
): Promise<readonly LiveFinding[]> {
  const findings: LiveFinding[] = [];
  for (const { address, key, port } of wanted(configuration)) {
    try {
      await requireAddresses([{ address, key }], access);
      if (address !== 0) findings.push(present(`This host has the address ${formatIpv4(address)} (key ${key}).`));
    } catch (error) {
      findings.push(missing((error as Error).message));
      continue;
    }
    if (port === 0 || isRunning) continue;
    const label = `UDP port ${port}${address === 0 ? '' : ` of ${formatIpv4(address)}`}`;
    if (await access.isPortFree(address, port)) findings.push(present(`${label} is free.`));
    else if (configuration.role === 'host-relay' && port === teredoPort)
      findings.push(note(`${label} is in use: the relay would use any free port instead.`));
    else
      findings.push(
        missing(`${label} is in use: stop the program that has it, which "ss -lunp" lists${otherPort(configuration)}.`),
      );
  }
  return findings;
}

function otherPort({ role }: Configuration): string {
  return role === 'server' ? '' : ', or choose another bind-port';
}

function tunnelInterface(configuration: Configuration, access: LiveAccess, isRunning: boolean): readonly LiveFinding[] {
  if (configuration.role === 'server' || isRunning) return [];
  const { interfaceName } = configuration;
  if (!access.hasInterface(interfaceName)) return [present(`The interface name ${interfaceName} is free.`)];
  return [
    missing(
      `An interface ${interfaceName} exists already: stop the program that has it, remove it with "ip link delete ${interfaceName}", or choose another key interface.`,
    ),
  ];
}

async function statusServer({ http }: Configuration, access: LiveAccess): Promise<readonly LiveFinding[]> {
  if (http === undefined) return [];
  const error = await access.httpError(http);
  if (error === undefined) return [present(`TCP address ${http.host}:${http.port} is free (key http).`)];
  const cure = 'stop the program that has it, which "ss -lntp" lists, or choose another http';
  return [
    missing(
      error.code === 'address-in-use'
        ? `TCP address ${http.host}:${http.port} is in use (key http): ${cure}.`
        : error.message,
    ),
  ];
}

async function ofRole(configuration: Configuration, access: LiveAccess): Promise<readonly LiveFinding[]> {
  const { host } = access;
  const policy = ipv6PolicyOf(configuration);
  const [native] = globalIpv6Addresses(host, policy);
  switch (configuration.role) {
    case 'client':
      return ofClient(configuration, access);
    case 'server':
      return [
        ipv6ConnectivityOf(host, policy) === undefined
          ? missing(
              'This host has no IPv6 default route with a global address, so clients reach no native hosts: add both; see "ip -6 route".',
            )
          : present('This host has an IPv6 default route with a global address.'),
      ];
    case 'relay':
      return [
        configuration.ipv6Address === undefined && native === undefined
          ? missing(
              'This host has no global IPv6 address: add one, or set ipv6-address to one that is routed to this host.',
            )
          : present(`The relay would send from ${formatIpv6(configuration.ipv6Address ?? native!)}.`),
        (await hasNativeRoute(configuration.servedPrefixes, access.hasIpv6Route))
          ? present('This host has a route to the IPv6 networks that the relay serves.')
          : missing('This host has no route to the IPv6 networks in served-prefix: add one; see "ip -6 route".'),
        access.isForwarding(configuration.interfaceName)
          ? present('The kernel forwards IPv6 packets.')
          : missing('IPv6 forwarding is off: run "sysctl -w net.ipv6.conf.all.forwarding=1".'),
      ];
    case 'host-relay': {
      if (native !== undefined) return [present(`The relay would serve ${formatIpv6(native)}.`)];
      if (configuration.client !== undefined) {
        return [
          note('This host has no global IPv6 address: it would run a client.'),
          ...(await ofClient(configuration.client, access)),
        ];
      }
      return [missing('This host has no global IPv6 address: add one, or set mode to auto to run a client instead.')];
    }
  }
}

async function ofClient(configuration: ClientConfiguration, access: LiveAccess): Promise<readonly LiveFinding[]> {
  const policies = { ipv4: ipv4PolicyOf(configuration), ipv6: ipv6PolicyOf(configuration) };
  const blocker = clientBlocker(configuration, policies, access.host, access.probes);
  return [
    ...(blocker === undefined
      ? []
      : [note(`The client would not use Teredo: ${disabledDescription(blocker.reason, blocker.evidence)}.`)]),
    ...(await servers(configuration, access)),
    ...(await turnServers(configuration, access)),
  ];
}

async function servers(configuration: ClientConfiguration, access: LiveAccess): Promise<readonly LiveFinding[]> {
  const findings: LiveFinding[] = [];
  const skipped = (error: NavalisError) => void findings.push(missing(error.message));
  const { lookUpName: lookUp } = access;
  try {
    const found = await resolveServers(configuration.servers, { policy: ipv4PolicyOf(configuration), lookUp, skipped });
    for (const { name, primary } of found) {
      const address = formatIpv4(primary);
      if (name !== address) findings.push(present(`Server name ${name} resolves to ${address}.`));
      const local = await access.localAddress(primary, configuration.bindAddress).catch(() => undefined);
      findings.push(
        local === undefined
          ? missing(`This host has no IPv4 route to server ${address}: add one; see "ip route get ${address}".`)
          : present(`Datagrams to server ${address} would leave from ${formatIpv4(local)}.`),
      );
    }
  } catch (error) {
    if (!(error instanceof NavalisError)) throw error;
    findings.push(missing(error.message));
  }
  return findings;
}

async function turnServers(
  { turn, bindAddress }: ClientConfiguration,
  access: LiveAccess,
): Promise<readonly LiveFinding[]> {
  const hosts = [...new Set((turn?.servers ?? []).map(({ host }) => host))];
  const found = hosts.map(async (host): Promise<readonly LiveFinding[]> => {
    const isName = parseIpv4(host) === undefined;
    const [address] = isName ? await access.lookUpName(host).catch(() => []) : [host];
    if (address === undefined) {
      return [
        missing(
          `TURN server name ${host} does not resolve to an IPv4 address: correct the key turn or the name server.`,
        ),
      ];
    }
    const local = await access.localAddress(parseIpv4(address)!, bindAddress).catch(() => undefined);
    return [
      ...(isName ? [present(`TURN server name ${host} resolves to ${address}.`)] : []),
      local === undefined
        ? missing(`This host has no IPv4 route to TURN server ${address}: add one; see "ip route get ${address}".`)
        : present(`Datagrams to TURN server ${address} would leave from ${formatIpv4(local)}; diagnose asks it.`),
    ];
  });
  return (await Promise.all(found)).flat();
}

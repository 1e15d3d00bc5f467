import { formatIpv4, Ipv4Policy, type Ipv4Value, Ipv6Policy, parseIpv4, teredoServicePrefix } from '@navalis/address';
import { parseTurnUri } from '@navalis/turn';
import type {
  ClientConfiguration,
  CommonConfiguration,
  ConfigurationByRole,
  HostRelayConfiguration,
  RelayConfiguration,
  RelayEngineConfiguration,
  ServerConfiguration,
  TunnelConfiguration,
  TurnConfiguration,
} from './configuration.ts';
import { configurationKeys, type KeyName, type KeyValues } from './keys.ts';
import { conflict, missingKey } from './mistakes.ts';
import type { Role } from './role.ts';
import { extensionsOf } from './rules/extensions.ts';
import { httpTokenFor } from './rules/http-access.ts';
import {
  checkExtraGlobalIpv4,
  checkExtraGlobalIpv6,
  checkRelayAddress,
  checkServedPrefix,
} from './rules/routed-ranges.ts';
import { checkServerAddresses } from './rules/server-addresses.ts';
import { readClientCredentials } from './secrets/client-credentials.ts';
import { readClientKeyFile } from './secrets/client-key-file.ts';
import { digestOf, digestOfParts } from './secrets/digest.ts';
import { readTurnCredentials } from './secrets/turn-credentials.ts';
import { validate } from './validate.ts';

type Values = Partial<KeyValues>;

/** Our choice: above the metrics that the kernel (1024) and network managers (up to about 20,000) give to other default routes. */
const clientRouteMetric = 1_000_000;

/** The kernel's. */
const relayRouteMetric = 1024;

/**
 * A table that is full of clients that do not answer keeps their histories for 308 s: at one new client a second for each 655 peers less
 * than half of it. A relay that takes over the clients of another one gets all of them as new ones.
 */
const peersPerNewClient = 655;
const leastNewClients = 100;

/** Builds a role's configuration from valid values; checks the rules that concern several keys. */
export const configurationBuilders: { readonly [R in Role]: (values: Values) => ConfigurationByRole[R] } = {
  client: clientConfiguration,
  server: serverConfiguration,
  relay: relayConfiguration,
  'host-relay': hostRelayConfiguration,
};

/** Returns the policy for global IPv4 addresses: the strict list, without the ranges that the configuration re-admits. */
export function ipv4PolicyOf(configuration: Pick<CommonConfiguration, 'extraGlobalIpv4'>): Ipv4Policy {
  return new Ipv4Policy({ strictness: 'strict', extraGlobal: configuration.extraGlobalIpv4 });
}

/** Returns the policy for global IPv6 addresses: those of the IPv6 Internet, and the ranges that the configuration re-admits. */
export function ipv6PolicyOf(
  configuration: Pick<CommonConfiguration, 'extraGlobalIpv4' | 'extraGlobalIpv6'>,
  servicePrefix?: number,
): Ipv6Policy {
  const { extraGlobalIpv6: extraGlobal } = configuration;
  return new Ipv6Policy({ ipv4: ipv4PolicyOf(configuration), extraGlobal, servicePrefix });
}

const serverListNames = { primary: 'server', secondary: 'server-secondary' };

function clientConfiguration(values: Values): ClientConfiguration {
  const names = required(values, 'server');
  const secondaries = values['server-secondary'] ?? [];
  const common = tunnelConfiguration(values);
  if (secondaries.length > names.length) {
    const given = secondaries.map(formatIpv4).join(', ');
    throw conflict('server-secondary', given, `there are more of them than servers (${names.join(', ')})`);
  }
  const idleTimeout = required(values, 'idle-timeout');
  const refreshInterval = required(values, 'refresh-interval');
  const localDiscovery = required(values, 'local-discovery');
  const servers = names.map((name, index) => ({ name, secondary: secondaries[index] }));
  const policy = ipv4PolicyOf(common);
  for (const server of servers) {
    const primary = parseIpv4(server.name);
    if (primary !== undefined) checkServerAddresses(primary, server.secondary, policy, serverListNames);
    else checkAlone(server.secondary, policy);
  }
  const { credentials, warnings } = readClientCredentials(
    values['client-identifier'],
    values['secret-file'],
    required(values, 'secure-algorithm'),
  );
  const turn = turnConfiguration(values);
  return {
    role: 'client',
    ...common,
    routeMetric: values['route-metric'] ?? clientRouteMetric,
    warnings,
    secretDigests: {
      ...common.secretDigests,
      ...(credentials && { 'secret-file': digestOf([credentials]) }),
      ...(turn && { 'turn-credentials': digestOfParts([turn.credentials.username, turn.credentials.password]) }),
    },
    engine: {
      refreshIntervalMs: refreshInterval === 'determine' ? undefined : 1000 * refreshInterval,
      serverOrder: required(values, 'server-order'),
      probeIntervalMs: 1000 * required(values, 'fail-back-interval'),
      peerCapacity: required(values, 'max-peers'),
      trustsConeBit: values['cone-bit'] === 'trust',
      extensions: extensionsOf(values),
      secure: credentials,
    },
    servers,
    isEnabled: required(values, 'enabled'),
    hasDefaultRoute: required(values, 'default-route'),
    routingTable: tableOf(required(values, 'routing-table')),
    nativeIpv6: required(values, 'native-ipv6'),
    managedNetwork: required(values, 'managed-network'),
    idleTimeoutMs: idleTimeout === 'off' ? undefined : 1000 * idleTimeout,
    discoveryInterface: localDiscovery === 'off' ? undefined : localDiscovery,
    turn,
    portMapping: required(values, 'port-mapping'),
    stateDirectory: required(values, 'state-directory'),
  };
}

/** Servers and credentials are set together or not at all. */
function turnConfiguration(values: Values): TurnConfiguration | undefined {
  const { turn: uris, 'turn-credentials': path } = values;
  const use = required(values, 'turn-use');
  if (uris === undefined && path !== undefined)
    throw conflict('turn-credentials', path, 'turn is not set, and goes with it');
  if (uris === undefined && use === 'always')
    throw conflict('turn-use', use, 'turn is not set, so that there is no server');
  if (uris === undefined) return undefined;
  if (path === undefined) throw conflict('turn', uris.join(', '), 'turn-credentials is not set, and goes with it');
  const credentials = readTurnCredentials(path);
  return use === 'off' ? undefined : { servers: uris.map((uri) => parseTurnUri(uri)!), credentials, use };
}

function checkAlone(secondary: Ipv4Value | undefined, policy: Ipv4Policy): void {
  if (secondary === undefined || policy.isGlobalUnicast(secondary)) return;
  throw conflict('server-secondary', formatIpv4(secondary), 'it is not a global IPv4 address');
}

function serverConfiguration(values: Values): ServerConfiguration {
  const primary = required(values, 'primary-address');
  const common = commonConfiguration(values);
  const secondary = checkServerAddresses(primary, values['secondary-address'], ipv4PolicyOf(common), {
    primary: 'primary-address',
    secondary: 'secondary-address',
  });
  const requireSecure = required(values, 'require-secure');
  const path = values['client-keys'];
  if (requireSecure && path === undefined) {
    throw conflict('require-secure', 'true', 'client-keys is not set, so that no client would be answered');
  }
  const keyFile = path === undefined ? undefined : readClientKeyFile(path);
  return {
    role: 'server',
    ...common,
    drainTimeMs: 1000 * required(values, 'drain-time'),
    warnings: keyFile?.warnings ?? [],
    secretDigests: {
      ...common.secretDigests,
      ...(keyFile !== undefined && { 'client-keys': digestOf(keyFile.keys) }),
    },
    engine: {
      strictSourceCheck: values['source-check'] === 'strict',
      onlyOwnClients: values['only-own-clients'] === 'on',
      clientKeys: keyFile?.keys,
      requireSecure,
      rateLimit: values['rate-limit'] === 'on',
      solicitationsPerSecond: required(values, 'solicitations-per-second'),
      solicitationsBurst: required(values, 'solicitations-burst'),
      forwardsPerSecond: required(values, 'forwards-per-second'),
    },
    primary,
    secondary,
  };
}

function relayConfiguration(values: Values): RelayConfiguration {
  const servicePrefix = required(values, 'prefix').address.word0;
  const common = tunnelConfiguration(values);
  const policy = ipv6PolicyOf(common, servicePrefix);
  const ipv6Address = values['ipv6-address'];
  if (ipv6Address !== undefined) checkRelayAddress(ipv6Address, policy);
  const maximumClients = required(values, 'max-clients');
  const servedPrefixes = required(values, 'served-prefix');
  for (const prefix of servedPrefixes) checkServedPrefix(prefix, policy, common.extraGlobalIpv6, servicePrefix);
  return {
    role: 'relay',
    ...common,
    drainTimeMs: 1000 * required(values, 'drain-time'),
    engine: {
      servicePrefix,
      trustsConeBit: values['cone-bit'] === 'trust',
      extensions: relayExtensions(values),
      maximumClients,
      newClientsPerSecond: values['new-clients-per-second'] ?? newClientsFor(maximumClients),
      rateLimit: values['rate-limit'] === 'on',
    },
    ipv6Address,
    servedPrefixes,
    hasServiceRoute: required(values, 'service-route'),
    announcementTable: tableOf(required(values, 'announcement-table')),
  };
}

/** Returns the new clients that a relay with such a table accepts in a second. */
function newClientsFor(maximumClients: number): number {
  return Math.max(leastNewClients, Math.floor(maximumClients / peersPerNewClient));
}

function hostRelayConfiguration(values: Values): HostRelayConfiguration {
  const isAuto = required(values, 'mode') === 'auto';
  for (const name of ['server', 'client-identifier', 'secret-file', 'turn', 'turn-credentials'] as const) {
    if (isAuto || values[name] === undefined) continue;
    throw conflict(name, [values[name]].flat().join(', '), 'only mode "auto" asks a server');
  }
  const common = tunnelConfiguration(values);
  const client = isAuto ? clientFunction(values) : undefined;
  return {
    role: 'host-relay',
    ...common,
    warnings: client?.warnings ?? [],
    secretDigests: { ...common.secretDigests, ...client?.secretDigests },
    engine: {
      servicePrefix: teredoServicePrefix,
      trustsConeBit: values['cone-bit'] === 'trust',
      extensions: relayExtensions(values),
      rateLimit: true,
    },
    client,
  };
}

function tableOf(value: number | 'off'): number | undefined {
  return value === 'off' ? undefined : value;
}

/** The others are for clients. */
function relayExtensions(values: Values): RelayEngineConfiguration['extensions'] {
  return { symmetricNatSupport: required(values, 'symmetric-nat-support') };
}

/** The configuration of a host-specific relay's client; the relay decides when the client runs. */
function clientFunction(values: Values): ClientConfiguration {
  return clientConfiguration({
    ...validate('client', new Map(), undefined),
    ...values,
    'native-ipv6': 'ignore',
    // Relays are found by their port, clients are safer with one that nobody can guess (RFC 4380 7.2).
    'bind-port': 0,
  });
}

function tunnelConfiguration(values: Values): TunnelConfiguration {
  return {
    ...commonConfiguration(values),
    bindAddress: required(values, 'bind-address'),
    bindPort: required(values, 'bind-port'),
    interfaceName: required(values, 'interface'),
    routeMetric: values['route-metric'] ?? relayRouteMetric,
  };
}

function commonConfiguration(values: Values): CommonConfiguration {
  const extraGlobalIpv4 = values['extra-global-ipv4'] ?? [];
  const extraGlobalIpv6 = values['extra-global-ipv6'] ?? [];
  checkExtraGlobalIpv4(extraGlobalIpv4);
  checkExtraGlobalIpv6(extraGlobalIpv6);
  const httpToken = httpTokenFor(values.http, values['http-token']);
  return {
    keyValues: values,
    secretDigests: { ...(httpToken !== undefined && { 'http-token': digestOfParts([httpToken]) }) },
    extraGlobalIpv4,
    extraGlobalIpv6,
    sunset: values.sunset,
    statusSocket: required(values, 'status-socket'),
    http: values.http,
    httpToken,
    httpNames: values['http-names'] ?? [],
    logLevel: required(values, 'log-level'),
    logFormat: required(values, 'log-format'),
    offload: required(values, 'offload'),
    hook: values['on-event'] && {
      command: values['on-event'],
      timeoutMs: 1000 * required(values, 'on-event-timeout'),
    },
    warnings: [],
  };
}

function required<Name extends KeyName>(values: Values, name: Name): KeyValues[Name] {
  const value = values[name];
  if (value !== undefined) return value as KeyValues[Name];
  throw missingKey(configurationKeys.find((key) => key.name === name)!);
}

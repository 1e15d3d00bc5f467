import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import {
  type Ipv4Prefix,
  type Ipv4Value,
  type Ipv6Value,
  parseIpv4,
  parseIpv4Prefix,
  parseIpv6,
  teredoPort,
} from '@navalis/address';
import type { ClientOptions, RelayedOptions } from '@navalis/client-core';
import { LabError } from '../lab-error.ts';
import type { LoadSettings } from './settings.ts';

/** The addresses of the settings as values. */
export interface LoadAddresses {
  readonly servers: ClientOptions['servers'];
  readonly sources: readonly Ipv4Value[];
  /** The address that routing chooses towards the first server. */
  readonly localAddress: Ipv4Value;
  readonly hosts: readonly Ipv6Value[];
  readonly turn: RelayedOptions | undefined;
  readonly extraGlobal: readonly Ipv4Prefix[];
}

export async function loadAddresses(settings: LoadSettings): Promise<LoadAddresses> {
  const primaries = settings.servers.map((text) => parseIpv4(text)!);
  const { turn } = settings;
  return {
    servers: primaries.map((primary) => ({ primary, secondary: primary + 1 })),
    sources: settings.sources.map((text) => parseIpv4(text)!),
    localAddress: await addressTowards(turn?.address ?? settings.servers[0]!),
    hosts: settings.hosts.map((text) => parseIpv6(text)!),
    turn: turn && {
      servers: [{ endpoint: { address: parseIpv4(turn.address)!, port: turn.port }, transport: 'udp' }],
      credentials: { username: turn.username, password: turn.password },
      upgradesPaths: false,
    },
    extraGlobal: settings.extraGlobalIpv4.map((text) => parseIpv4Prefix(text)!),
  };
}

/** Returns this host's address on the route to another one. */
async function addressTowards(address: string): Promise<Ipv4Value> {
  const socket = createSocket('udp4');
  try {
    socket.connect(teredoPort, address);
    await once(socket, 'connect');
    return parseIpv4(socket.address().address)!;
  } catch (error) {
    throw new LabError(`This host has no IPv4 route to ${address}.`, { cause: error });
  } finally {
    socket.close();
  }
}

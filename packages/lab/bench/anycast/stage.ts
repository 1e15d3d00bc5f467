import { AnycastScene } from '../../src/anycast/anycast-scene.ts';
import { NativeHosts } from '../../src/anycast/native-hosts.ts';
import type { Laboratory } from '../../src/laboratory.ts';
import { LoadGenerator } from '../../src/load/load-generator.ts';
import { nativeHostAddresses, serverAddress, webIpv6Address } from '../../src/network/address-plan.ts';
import { Internet } from '../../src/network/internet.ts';
import type { Namespace } from '../../src/network/namespace.ts';
import type { Place } from '../../src/network/place.ts';
import { startClient, startServer } from '../../src/programs/navalis.ts';
import { opened, type Tell } from '../load/measure.ts';
import type { AnycastFlags } from './flags.ts';

const packetOctets = 100;
const startsPerSecond = 100;
const patienceMs = 60_000;

/** Beyond the usual limits: after a failure all clients of one relay come to the other at once. */
const newClientsPerSecond = 2_000;
const forwardsPerSecond = 10_000;

/** A laboratory in which traffic flows through two relays. */
export interface AnycastStage {
  readonly laboratory: Laboratory;
  readonly scene: AnycastScene;
  /** Clients that ask native hosts. */
  readonly clients: LoadGenerator;
  /** Native hosts that ask the clients. */
  readonly hosts: NativeHosts;
  /** The machine of a real client, and a native host for its TCP connection. */
  readonly home: Namespace;
  readonly web: Place;
}

/** Starts everything, and waits until all flows are answered. */
export async function buildStage(laboratory: Laboratory, flags: AnycastFlags, tell: Tell): Promise<AnycastStage> {
  const internet = new Internet(laboratory);
  const [web, home] = [internet.webHost(), internet.home().host];
  const relayFlags = [
    ...['--drain-time', String(flags.drainSeconds)],
    ...['--new-clients-per-second', String(newClientsPerSecond)],
  ];
  const serverFlags = ['--forwards-per-second', String(forwardsPerSecond)];
  const [scene, hosts] = await Promise.all([
    AnycastScene.start(laboratory, internet, { flags: relayFlags, bfdMilliseconds: flags.bfdMilliseconds }),
    NativeHosts.start(laboratory, internet, web, { hosts: flags.hosts, clients: flags.clients, packetOctets }),
    startServer(laboratory, internet.serverHost(), serverAddress, serverFlags),
  ]);
  tell('waiting until the router uses both relays');
  await scene.routed(scene.relays, patienceMs);
  await startClient(laboratory, home);
  const clients = LoadGenerator.start(laboratory, internet.crowdHost(), {
    ...{ clients: flags.clients, packetOctets, startsPerSecond, contactsPerSecond: startsPerSecond },
    peers: 0,
    hosts: nativeHostAddresses.slice(0, flags.hosts),
  });
  await opened(clients, { clients: flags.clients, startsPerSecond, rate: flags.rate, seconds: 0 }, tell);
  for (const traffic of [clients, hosts]) traffic.order({ kind: 'rate', perSecond: flags.rate });
  const { open } = await hosts.until('answers of all clients', ({ open, contacts }) => open === contacts, patienceMs);
  tell(`${open} clients answered native hosts`);
  return { laboratory, scene, clients, hosts, home, web: { host: web, address: webIpv6Address } };
}

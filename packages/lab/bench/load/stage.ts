import type { Laboratory } from '../../src/laboratory.ts';
import { LoadGenerator } from '../../src/load/load-generator.ts';
import { crowdAddresses, fleetAddresses, turnAddress } from '../../src/network/address-plan.ts';
import { Internet } from '../../src/network/internet.ts';
import { startCoturn, turnUser } from '../../src/programs/coturn.ts';
import { type Navalis, startRelay, startServer } from '../../src/programs/navalis.ts';
import type { LaboratoryFlags } from './flags.ts';
import { otherClients, otherStartsPerSecond } from './one-address.ts';
import type { UsedProgram } from './usage.ts';

const turnPort = 3478;

/** A laboratory under load. */
export interface LoadStage {
  readonly generator: LoadGenerator;
  readonly servers: readonly (Navalis & { readonly address: string })[];
  /** Clients at another address, where those of the generator share one. */
  readonly others: LoadGenerator | undefined;
  /** All programs, in the order of the table. */
  readonly programs: readonly UsedProgram[];
}

/** Starts servers, a relay, coturn if asked for, and the generator. */
export async function buildStage(laboratory: Laboratory, flags: LaboratoryFlags): Promise<LoadStage> {
  const internet = new Internet(laboratory);
  internet.webHost();
  const fleet = internet.fleetHost();
  const addresses = fleetAddresses.slice(0, flags.servers);
  const servers = await Promise.all(
    addresses.map(async (address) => ({ ...(await startServer(laboratory, fleet, address)), address })),
  );
  const relay = await startRelay(laboratory, internet.relayHost());
  const coturn = flags.turn ? await startCoturn(laboratory, internet.turnHost()) : undefined;
  const { clients, packetOctets, peers, startsPerSecond, serverOrder } = flags;
  const generator = LoadGenerator.start(laboratory, internet.crowdHost(), {
    ...{ clients, packetOctets, peers, startsPerSecond, serverOrder, contactsPerSecond: startsPerSecond },
    servers: addresses,
    sources: flags.oneAddress ? crowdAddresses.slice(0, 1) : crowdAddresses,
    ...(flags.turn && {
      turn: { address: turnAddress, port: turnPort, username: turnUser.name, password: turnUser.password },
    }),
  });
  const others = flags.oneAddress
    ? LoadGenerator.start(laboratory, internet.bystander(), {
        clients: otherClients,
        startsPerSecond: otherStartsPerSecond,
        servers: addresses,
        sources: [],
        serverOrder,
      })
    : undefined;
  const programs = [
    ...servers.map(({ program }, index) => ({
      name: servers.length === 1 ? 'server' : `server ${index + 1}`,
      program,
    })),
    { name: 'relay', program: relay.program },
    ...(coturn === undefined ? [] : [{ name: 'coturn', program: coturn }]),
    { name: 'load generator', program: generator.program },
  ];
  return { generator, servers, others, programs };
}

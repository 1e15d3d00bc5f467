import { writeFileSync } from 'node:fs';
import type { Laboratory } from '../../src/laboratory.ts';
import {
  relayAddress,
  relayIpv6Address,
  serverAddress,
  serverSecondaryAddress,
  turnAddress,
} from '../../src/network/address-plan.ts';
import type { Carriage } from '../../src/network/link.ts';
import type { Place } from '../../src/network/place.ts';
import { startCoturn, turnUser } from '../../src/programs/coturn.ts';
import { startClient, startRelay, startServer } from '../../src/programs/navalis.ts';
import { Program } from '../../src/programs/program.ts';
import { tcpMegabits } from '../../src/traffic/iperf.ts';
import { layCable, layIpv6Routes, machineWith } from '../cables.ts';
import { arrived, kilopackets, script, startSink } from '../packet-rate.ts';
import { openWay } from '../round-trips.ts';
import { portOf } from '../swarm-addresses.ts';
import type { PathMeasure } from './figures.ts';
import { type Direction, directions, type Step } from './path.ts';
import { setReceiveBuffers } from './receive-buffers.ts';

/** An inner packet of the size that Teredo carries at most, its UDP payload, and the TCP payload in one. */
const innerOctets = 1_280;
const udpOctets = innerOctets - 48;
const tcpOctets = innerOctets - 72;

/** The receive buffer that coturn 4.6 asks for, and one that later versions can be told to ask for (`sock-buf-size`). */
const bufferOctets = { ownChoice: 65_536, wide: 1_048_576 };

export const turnMeasures: readonly PathMeasure[] = directions.flatMap((direction): readonly PathMeasure[] => {
  const raw = `generator through coturn ${direction}`;
  return [
    { name: raw, unit: 'kpacket/s' },
    { name: `generator of trains through coturn ${direction}`, unit: 'kpacket/s', reference: raw },
    { name: `UDP through coturn ${direction}`, unit: 'kpacket/s', reference: raw },
    { name: `packets of a TCP stream through coturn ${direction}`, unit: 'kpacket/s', reference: raw },
    { name: `packets of a TCP stream through wide buffers of coturn ${direction}`, unit: 'kpacket/s', reference: raw },
    { name: `packets of a TCP stream through coturn over TCP ${direction}`, unit: 'kpacket/s', reference: raw },
  ];
});

/** Starts a client that uses coturn, and a native host on the machine of the relay, with a cable between every two machines. */
export async function openTurnPath(laboratory: Laboratory, carriage: Carriage): Promise<readonly Step[]> {
  const server = machineWith(laboratory, 'server', [serverAddress, serverSecondaryAddress], ['2d00:0:0:1::10']);
  const relay = machineWith(laboratory, 'relay', [relayAddress], [relayIpv6Address]);
  const turn = machineWith(laboratory, 'turn', [turnAddress]);
  const clients = ['198.51.100.41', '198.51.100.42'].map((address, index) =>
    machineWith(laboratory, `client-${index + 1}`, [address]),
  );
  for (const other of [server, relay, ...clients]) layCable(turn, other, carriage);
  layCable(relay, server, carriage);
  layIpv6Routes(relay, server);
  await startServer(laboratory, server.host);
  await startRelay(laboratory, relay.host, ['--rate-limit', 'off']);
  const coturn = await startCoturn(laboratory, turn.host);
  const credentials = laboratory.file('turn-credentials');
  writeFileSync(credentials, `${turnUser.name}:${turnUser.password}\n`, { mode: 0o600 });
  const start = (index: number, uri: string): Promise<Place> =>
    startClient(laboratory, clients[index]!.host, [
      ...['--turn', uri, '--turn-credentials', credentials, '--turn-use', 'always'],
    ]);
  const overUdp = await start(0, `turn:${turnAddress}`);
  const overTcp = await start(1, `turn:${turnAddress}?transport=tcp`);
  const web: Place = { host: relay.host, address: relayIpv6Address };
  const plain = new PlainClient(laboratory, clients[0]!.host, relay.host);

  const stream = async (client: Place, direction: Direction, seconds: number): Promise<number> => {
    await openWay(client, web);
    const [from, to] = direction === 'up' ? [client, web] : [web, client];
    const megabits = await tcpMegabits(laboratory, from.host, to, { seconds, warmUpSeconds: 1 });
    return (megabits * 1000) / (8 * tcpOctets);
  };
  return directions.flatMap((direction): readonly Step[] => [
    [`generator through coturn ${direction}`, (seconds) => plain.kilopackets(direction, false, seconds)],
    [
      `UDP through coturn ${direction}`,
      async (seconds) => {
        await openWay(overUdp, web);
        const [from, to] = direction === 'up' ? [overUdp, web] : [web, overUdp];
        return kilopackets({ laboratory }, from, to, { octets: udpOctets, seconds });
      },
    ],
    [`packets of a TCP stream through coturn ${direction}`, (seconds) => stream(overUdp, direction, seconds)],
    [
      `packets of a TCP stream through wide buffers of coturn ${direction}`,
      async (seconds) => {
        setReceiveBuffers(coturn.pid, bufferOctets.wide);
        const rate = await stream(overUdp, direction, seconds);
        setReceiveBuffers(coturn.pid, bufferOctets.ownChoice);
        return rate;
      },
    ],
    [`generator of trains through coturn ${direction}`, (seconds) => plain.kilopackets(direction, true, seconds)],
    [`packets of a TCP stream through coturn over TCP ${direction}`, (seconds) => stream(overTcp, direction, seconds)],
  ]);
}

/** A client of coturn without a tunnel, and its peer. */
class PlainClient {
  readonly #laboratory: Laboratory;
  readonly #client: Place['host'];
  readonly #peer: Place['host'];

  constructor(laboratory: Laboratory, client: Place['host'], peer: Place['host']) {
    this.#laboratory = laboratory;
    this.#client = client;
    this.#peer = peer;
  }

  /** Thousands of packets per second that pass. */
  async kilopackets(direction: Direction, isJoined: boolean, seconds: number): Promise<number> {
    const sends = direction === 'up';
    const joined = isJoined ? 1 : 0;
    const load = [turnAddress, relayAddress, portOf(0), innerOctets, sends ? seconds : 0, joined].map(String);
    const name = 'generator';
    const args = [script('channel-load'), ...load];
    if (sends) {
      const sink = await startSink(this.#laboratory, { host: this.#peer, address: relayAddress }, 1);
      const before = arrived(sink);
      const client = Program.start(this.#laboratory, this.#client, { name, command: process.execPath, args });
      const [, took] = await client.line(/sent (\S+)/);
      const count = arrived(sink) - before;
      await sink.kill();
      return count / Number(took) / 1000;
    }
    const client = Program.start(this.#laboratory, this.#client, { name, command: process.execPath, args });
    const [, port = ''] = await client.line(/relayed (\d+)/);
    const before = arrived(client);
    const source = [relayAddress, portOf(0), turnAddress, port, innerOctets, seconds, joined].map(String);
    const { stdout } = await this.#peer.runBeside(process.execPath, [script('udp-source'), ...source]);
    const count = arrived(client) - before;
    await client.kill();
    return count / Number(stdout) / 1000;
  }
}

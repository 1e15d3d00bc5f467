import { parseArgs } from 'node:util';
import { LabError } from '../src/lab-error.ts';
import { Laboratory } from '../src/laboratory.ts';
import { accessNetwork, dualStackIpv6Address, serverAddress, webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import type { Carriage } from '../src/network/link.ts';
import type { Namespace } from '../src/network/namespace.ts';
import type { NamedPlace } from '../src/network/place.ts';
import { ensurePrivileges } from '../src/privileges.ts';
import { startMiredoClient, startMiredoRelay, startMiredoServer } from '../src/programs/miredo.ts';
import { startClient, startHostRelay, startRelay, startServer } from '../src/programs/navalis.ts';
import { Capture, judgeCapture } from '../src/traffic/capture.ts';
import { firstPing } from '../src/traffic/ping.ts';
import { transfer } from '../src/traffic/transfer.ts';
import { runCommand } from './command.ts';
import { type NatPart, natParts, transferBetweenNats } from './nats/nat-transfers.ts';

const help = `Usage: npm run transfers [-- FLAGS]

Sends random data both ways over one TCP connection in every pairing of our programs, with offloads on or off at either
end, and of miredo's, and compares the hashes of what was sent and what arrived. Needs root.

  --megabytes N  how much each way (200)
  --nats         between clients of ours behind NATs (50 MB each way)
  --part NAME    with --nats, only this part; may be repeated. pairs: every two kinds of NAT, with TURN where there is no other way;
                 turn: two symmetric NATs over UDP, TCP and TLS; blocked: a client without UDP; mapped: routers with miniupnpd;
                 return: a client leaves its TURN server, which takes 5 min (all)
  --capture      on cables that carry single packets, recorded; tshark checks every packet (5 MB each way)
  --help         this text`;

/** The programs between clients and the IPv6 Internet, and on the dual-stack host. */
type Infrastructure = 'offloads on' | 'offloads off' | 'miredo';

const infrastructures: readonly Infrastructure[] = ['offloads on', 'offloads off', 'miredo'];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      megabytes: { type: 'string' },
      nats: { type: 'boolean' },
      part: { type: 'string', multiple: true },
      capture: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return void process.stdout.write(`${help}\n`);
  const megabytes = Number(values.megabytes ?? (values.capture ? 5 : values.nats ? 50 : 200));
  if (!Number.isInteger(megabytes) || megabytes < 1 || megabytes > 10_000) {
    throw new LabError(`--megabytes is "${values.megabytes}"; it must be a whole number from 1 to 10000.`);
  }
  const parts = partsOf(values.part);
  await ensurePrivileges();
  const octets = 1_000_000 * megabytes;
  let transfers = values.nats === true ? await transferBetweenNats(octets, parts) : 0;
  for (const infrastructure of values.nats === true ? [] : infrastructures) {
    transfers += await withInfrastructure(infrastructure, octets, values.capture === true);
  }
  process.stdout.write(`${transfers} transfers of ${megabytes} MB, all with equal sha256.\n`);
}

function partsOf(names: readonly string[] = natParts): readonly NatPart[] {
  return names.map((name) => {
    const part = natParts.find((each) => each === name);
    if (part === undefined) throw new LabError(`--part is "${name}"; it must be one of ${natParts.join(', ')}.`);
    return part;
  });
}

async function withInfrastructure(kind: Infrastructure, octets: number, isCaptured: boolean): Promise<number> {
  const laboratory = new Laboratory();
  try {
    const carriage: Carriage = isCaptured ? 'single-packets' : 'super-segments';
    const internet = new Internet(laboratory, carriage);
    const pairs = await startAll(laboratory, internet, kind);
    const file = laboratory.file('transfers.pcapng');
    const recorder = isCaptured
      ? await Capture.start(laboratory, internet.core, accessNetwork.bridge, file)
      : undefined;
    for (const [one, other] of pairs) await exchange(laboratory, one, other, octets);
    if (recorder !== undefined) await judge(recorder);
    return 2 * pairs.length;
  } finally {
    await laboratory.close();
  }
}

async function exchange(laboratory: Laboratory, one: NamedPlace, other: NamedPlace, octets: number): Promise<void> {
  await firstPing(one.host, other.address, 20_000);
  const up = await transfer(laboratory, one.host, other, octets);
  const down = await transfer(laboratory, other.host, one, octets);
  const speed = `${up.megabitsPerSecond.toFixed(0)} and ${down.megabitsPerSecond.toFixed(0)} Mbit/s`;
  const hashes = `sha256 ${up.sha256.slice(0, 8)}..., ${down.sha256.slice(0, 8)}...`;
  process.stdout.write(`${one.name.padEnd(28)} <-> ${other.name.padEnd(36)} ${speed.padEnd(24)} ${hashes}\n`);
}

async function judge(recorder: Capture): Promise<void> {
  await recorder.stop();
  const { frames, teredoFrames, faults } = judgeCapture(recorder.file);
  process.stdout.write(`tshark: ${frames} frames, ${teredoFrames} of them Teredo, ${faults.length} faulty\n`);
  if (faults.length > 0) throw new LabError(`The capture has faults, such as: ${faults.slice(0, 5).join(' | ')}`);
}

/** Everything that can be paired with this infrastructure. */
async function startAll(
  laboratory: Laboratory,
  internet: Internet,
  kind: Infrastructure,
): Promise<readonly (readonly [NamedPlace, NamedPlace])[]> {
  const web: NamedPlace = { name: `IPv6-only host, relay: ${kind}`, host: internet.webHost(), address: webIpv6Address };
  const dualStack: NamedPlace = {
    name: `host-specific relay: ${kind}`,
    host: internet.dualStackHost(),
    address: dualStackIpv6Address,
  };
  await startInfrastructure(laboratory, internet, kind, dualStack.host);
  const ours = async (offload: 'auto' | 'off'): Promise<NamedPlace> => {
    const { host, address } = await startClient(laboratory, internet.home().host, ['--offload', offload]);
    return { name: `our client, offloads ${offload === 'off' ? 'off' : 'on'}`, host, address };
  };
  const [on, off] = [await ours('auto'), await ours('off')];
  const miredo = await miredoClient(laboratory, internet);
  const everyClient: readonly NamedPlace[] = kind === 'miredo' ? [on, off] : [on, off, miredo];
  const natives = everyClient.flatMap((client) => [web, dualStack].map((native) => [client, native] as const));
  // Packets between clients do not depend on the infrastructure.
  if (kind !== 'offloads on') return natives;
  const [otherOn, otherOff] = [await ours('auto'), await ours('off')];
  return [...natives, [on, otherOn], [on, off], [off, otherOff], [on, miredo], [off, miredo]];
}

async function startInfrastructure(
  laboratory: Laboratory,
  internet: Internet,
  kind: Infrastructure,
  dualStack: Namespace,
): Promise<void> {
  if (kind === 'miredo') {
    await startMiredoServer(laboratory, internet.serverHost());
    await startMiredoRelay(laboratory, internet.relayHost(), 'relay');
    await startMiredoRelay(laboratory, dualStack, 'host');
    return;
  }
  const flags = ['--offload', kind === 'offloads on' ? 'auto' : 'off'];
  await startServer(laboratory, internet.serverHost(), serverAddress, flags);
  await startRelay(laboratory, internet.relayHost(), flags);
  await startHostRelay(laboratory, dualStack, flags);
}

async function miredoClient(laboratory: Laboratory, internet: Internet): Promise<NamedPlace> {
  const { host } = internet.home();
  return { name: "miredo's client", host, ...(await startMiredoClient(laboratory, host)) };
}

await runCommand(main);

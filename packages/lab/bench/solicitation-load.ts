// Sends solicitations to a Teredo server as fast as it answers, with a fixed number of outstanding ones, and prints the number
// of answers. Runs in a namespace of its own machine: solicitation-load.js SERVER OWN-ADDRESS IN-FLIGHT SECONDS
// TRAINS. TRAINS is `trains` when many solicitations may leave with one system call, as from one busy site, or `single`, as from
// many clients.
import { parseIpv4 } from '@navalis/address';
import { createPacketRun, type DatagramRun, pointRunAt } from '@navalis/engine';
import { DeviceDropCounts, openLinuxNetio } from '@navalis/netio';
import { writeNonceAuthentication, writeRouterSolicitation } from '@navalis/wire';
import { quantile } from './statistics.ts';

const [server, own, inFlightText, secondsText, trains] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
];
const serverAddress = parseIpv4(server)!;
const inFlight = Number(inFlightText);
const endsAt = performance.now() + Number(secondsText) * 1000;

const netio = openLinuxNetio({ offload: trains === 'trains' });
const socket = netio.openUdpSocket({ portId: 0, address: parseIpv4(own)!, port: 0, drops: new DeviceDropCounts() });
const poller = netio.openPoller();
poller.watch(socket);

const question = new Uint8Array(128);
const nonce = new Uint8Array(8);
const authenticationOctets = writeNonceAuthentication(question, 0, nonce);
/** The source that miredo's clients use. */
const source = { word0: 0xfe800000, word1: 0, word2: 0x0000ffff, word3: 0xffffffff };
const octets = authenticationOctets + writeRouterSolicitation(question, authenticationOctets, source);
const run = createPacketRun(question);
pointRunAt(run, 0, octets);
/** The number of polls, about 20 ms: longer than any answer takes. */
const looksForAnswers = 10_000;
/** The offset of the nonce, whose first word identifies the solicitation. */
const nonceOffset = 4;

const askedAt = new Float64Array(inFlight);
const latenciesMs: number[] = [];
let answers = 0;
const startedAt = performance.now();

function ask(index: number, now: number): void {
  question[nonceOffset] = index >>> 8;
  question[nonceOffset + 1] = index;
  askedAt[index] = now;
  socket.queue(run, serverAddress, 3544);
}

const sink = {
  handleDatagrams({ memory, offset }: DatagramRun, now: number): void {
    const index = (memory[offset + nonceOffset]! << 8) | memory[offset + nonceOffset + 1]!;
    if (index >= inFlight) return;
    answers++;
    if (latenciesMs.length < 200_000) latenciesMs.push(now - askedAt[index]!);
    ask(index, now);
  },
};

for (let index = 0; index < inFlight; index++) ask(index, startedAt);
socket.flush();
for (;;) {
  // Polls instead of sleeping: every measurement would contain the time of a wake-up.
  poller.wait(50, looksForAnswers);
  const now = performance.now();
  if (now > endsAt) break;
  const received = socket.receive(sink, now, 64);
  // Asks again for lost answers, so that the number of open requests stays the same.
  if (received <= 0) for (let index = 0; index < inFlight; index++) if (now - askedAt[index]! > 50) ask(index, now);
  socket.flush();
}
const perSecond = answers / ((performance.now() - startedAt) / 1000);
process.stdout.write(`${JSON.stringify({ perSecond, medianMs: quantile(latenciesMs, 0.5) })}\n`);
netio.close();

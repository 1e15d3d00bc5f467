// An engine that returns each datagram, on UDP sockets of the kernel: node examples/dist/echo-engine.js
// Nothing in it is Teredo, and it needs no privilege: it uses two ports of the loopback interface.
import { formatIpv4, parseIpv4 } from '@navalis/address';
import { createPacketRun, type DatagramRun, openLinuxNetio, pointRunAt } from '@navalis/netio';

const netio = openLinuxNetio({ offload: false });
const drops = { drop: (reason: string) => console.log(`dropped: ${reason}`) };
const loopback = parseIpv4('127.0.0.1')!;
const echo = netio.openUdpSocket({ portId: 0, address: loopback, port: 0, drops });
const asker = netio.openUdpSocket({ portId: 1, address: loopback, port: 0, drops });

const echoEngine = {
  handleDatagrams(run: DatagramRun): void {
    console.log(`echo: ${run.count} x ${run.packetLength} octets from ${formatIpv4(run.sourceAddress)}`);
    echo.queue(run, run.sourceAddress, run.sourcePort); // no copy: the memory holds until the next receive
  },
};
const answers: string[] = [];
const askerEngine = {
  handleDatagrams({ memory, offset, packetLength, count, headerStride }: DatagramRun): void {
    for (let index = 0; index < count; index++) {
      const start = offset + index * headerStride;
      answers.push(new TextDecoder().decode(memory.subarray(start, start + packetLength)));
    }
  },
};

for (const word of ['one', 'two', 'six']) {
  const memory = new TextEncoder().encode(word);
  const run = createPacketRun(memory);
  pointRunAt(run, 0, memory.length);
  asker.queue(run, loopback, echo.port);
}
netio.flushSockets(); // one system call for the three

const poller = netio.openPoller();
const [echoIndex, askerIndex] = [poller.watch(echo), poller.watch(asker)];
const deadline = performance.now() + 5000;
while (answers.length < 3 && performance.now() < deadline) {
  poller.wait(deadline - performance.now());
  if (poller.isReady(echoIndex)) echo.receive(echoEngine, performance.now(), 64);
  netio.flushSockets();
  if (poller.isReady(askerIndex)) asker.receive(askerEngine, performance.now(), 64);
}
netio.close();
console.log(`answers: ${answers.join(', ')}`);

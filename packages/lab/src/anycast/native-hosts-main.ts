// Native hosts as a program: native-hosts.js SETTINGS, as JSON. They are behind a tunnel interface of the machine, which the starter sets
// up once the program prints `ready`. Takes orders as lines of JSON on standard input, and prints `figures` and what it has counted, as
// JSON, once a second and at the end. SIGTERM and SIGINT end it.
import { parseIpv6 } from '@navalis/address';
import { DeviceDropCounts, openLinuxNetio } from '@navalis/netio';
import { followOrders } from '../load/orders.ts';
import type { LoadOrder } from '../load/settings.ts';
import type { NativeHostSettings } from './native-hosts.ts';
import { NativeTraffic } from './native-traffic.ts';

/** The time between looks at orders, and the packets taken at once. */
const sliceMs = 20;
const receiveBudget = 64;

const settings = JSON.parse(process.argv[2] ?? '') as NativeHostSettings;
const netio = openLinuxNetio({ offload: false });
const tunnel = netio.openTunDevice({ name: settings.interface, drops: new DeviceDropCounts() });
const poller = netio.openPoller();
const index = poller.watch(tunnel);
const hosts = settings.hosts.map((text) => parseIpv6(text)!);
const traffic = new NativeTraffic(hosts, settings.clients, settings.packetOctets, (run) => {
  tunnel.queue(run);
  tunnel.flush();
});
let isStopped = false;

function obey(order: LoadOrder): void {
  const now = performance.now();
  if (order.kind === 'rate') traffic.setRate(order.perSecond, now);
  else if (order.kind === 'reset') traffic.reset(now);
  else isStopped = true;
}

const figures = () => traffic.figures(performance.now());
const end = followOrders(obey, figures);
process.stdout.write('ready\n');
while (!isStopped) {
  const sliceEndsAt = performance.now() + sliceMs;
  do {
    poller.wait(Math.min(sliceEndsAt, traffic.nextDeadline()) - performance.now());
    if (poller.isReady(index)) tunnel.receive(traffic, performance.now(), receiveBudget);
    traffic.handleDeadline(performance.now());
  } while (performance.now() < sliceEndsAt);
  await new Promise((resolve) => setImmediate(resolve));
}
end(figures());
netio.close();

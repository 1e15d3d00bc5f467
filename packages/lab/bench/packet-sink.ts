// Holds COUNT UDP ports of an address open without ever reading: the kernel counts arriving datagrams at little cost.
// packet-sink.js ADDRESS COUNT
import { openDeafSocket } from './deaf-socket.ts';
import { portOf } from './swarm-addresses.ts';

const [address, count] = process.argv.slice(2) as [string, string];
const type = address.includes(':') ? 'udp6' : 'udp4';
for (let index = 0; index < Number(count); index++) await openDeafSocket(type, address, portOf(index));
process.stdout.write('ready\n');
// Blocks the only thread; the laboratory ends it by signal.
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);

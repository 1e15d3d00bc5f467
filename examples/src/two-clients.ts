// Two hosts behind NATs get Teredo addresses and reach each other, in a simulated Internet: node examples/dist/two-clients.js
import { formatIpv6 } from '@navalis/address';
import { internet } from '@navalis/simnet';

const net = internet({ seed: 7, core: { latencyMs: 40, loss: 0.01 } });
const server = net.server();
const alice = net.client({ server, nat: 'port-restricted' }); // port-restricted, the most common kind of NAT
const bob = net.client({ server, nat: { kind: 'address-restricted', mappingLifetimeMs: 45_000 } });

const startMs = net.until('both have an address', () => alice.isQualified && bob.isQualified);
console.log(`alice is ${formatIpv6(alice.address!)}`);
console.log(`bob is ${formatIpv6(bob.address!)}, after ${Math.round(startMs)} ms`);

const ping = alice.ping(bob, 1000); // one a second, until one is answered
const pathMs = net.until('bob answers', () => ping.answeredAt !== undefined);
console.log(`alice reaches bob after ${Math.round(pathMs)} ms`);

const transfer = bob.transfer(alice, 100_000); // octets, with acknowledgements
net.until('the transfer is complete', () => transfer.completedAt !== undefined);
console.log(`100,000 octets arrived ${transfer.isIntact ? 'intact' : 'damaged'}`);

const hour = 3_600_000;
net.run(hour); // of silence: the clients keep their addresses and the mappings of their NATs
console.log(`an hour later alice is ${alice.status.state} and bob is ${bob.status.state}`);

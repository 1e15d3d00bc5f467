// Finds out what kind of NAT a host is behind, with a Teredo server alone: node examples/dist/diagnose-nat.js KIND
import { Ipv4Policy } from '@navalis/address';
import { NatProbe, socketsNeeded } from '@navalis/nat-probe';
import { internet, type NatKind, natKinds, type UdpSocket } from '@navalis/simnet';

const kind = (process.argv[2] ?? 'port-restricted') as NatKind;
if (!(kind in natKinds)) {
  console.error(`${kind} is no kind of NAT: choose one of ${Object.keys(natKinds).join(', ')}.`);
  process.exit(1);
}
const net = internet();
const { primary, secondary } = net.server();
const host = net.udpHost({ nat: { kind, mappingLifetimeMs: 75_000 } });
const lifetimeLimitSeconds = 120;

const sockets: UdpSocket[] = Array.from({ length: socketsNeeded(lifetimeLimitSeconds) }, (_, number) =>
  host.socket((payload, from) => probe.handleDatagram(number, payload, from, net.now)),
);
const probe: NatProbe = new NatProbe(
  {
    primary,
    secondary,
    policy: new Ipv4Policy({ strictness: 'strict' }),
    locals: sockets.map(({ local }) => local),
    nativeTarget: undefined,
    lifetimeLimitSeconds,
  },
  {
    send: (number, payload, to) => sockets[number]!.send(payload.slice(), to),
    stageDone: (stage, _, now) => console.log(`${(now / 1000).toFixed(1).padStart(6)} s  ${stage}`),
    random: host.random,
  },
);

probe.start(net.now);
while (!probe.isDone) {
  net.run(Math.min(Math.max(probe.nextDeadline() - net.now, 1), 50));
  probe.handleDeadline(net.now);
}
const { nat, meaning, advice } = probe.verdict;
console.log(`verdict   ${nat}`);
console.log(`          ${meaning}`);
if (advice !== '') console.log(`          ${advice}`);
const { survivedSeconds } = probe.findings;
if (survivedSeconds !== undefined)
  console.log(`lifetime  a mapping without traffic lives ${survivedSeconds} s or longer`);

import type { Explanations, LogLine, Peer, Peers, Status } from '../src/facts.ts';

/** All answers of a program at one moment. */
export interface Recorded {
  readonly status: Status;
  readonly lines: readonly LogLine[];
  /** Undefined: the program has no list. */
  readonly peers?: readonly Peer[];
  /** Whether packets pass. */
  readonly isQuiet?: boolean;
}

/** The time of the recordings; the browser's clock stands there, too. */
export const recordedAt: number = Date.parse('2026-06-01T12:00:00Z');

const ago = (seconds: number) => new Date(recordedAt - 1_000 * seconds).toISOString();

export const explanations: Explanations = {
  drops: {
    'not-for-us': {
      meaning: 'The packets are for another address.',
      cure: 'A peer may still use the previous address. No action is needed unless it lasts.',
    },
    'unknown-encapsulation': {
      meaning: 'The datagrams are not Teredo.',
      cure: 'No action is needed unless traffic is missing: such datagrams are not part of Teredo.',
    },
    'not-qualified': {
      meaning: 'The client has no Teredo address yet.',
      cure: 'See "status" for the reason, and run "diagnose".',
    },
    unreachable: {
      meaning: 'The peer does not answer.',
      cure: 'It may be off, or behind a NAT that lets nothing in. If it lasts, run "diagnose" on this host and on the peer to see what the NATs do.',
    },
    'rate-limited': {
      meaning: 'The rate exceeds a limit for each source.',
      cure: 'Raise the limit of this role if the load is legitimate: see the configuration reference.',
    },
  },
  nats: {
    none: 'no NAT',
    cone: 'cone NAT: anyone can reach this host',
    restricted: 'restricted NAT: only endpoints this host has contacted can reach it',
    symmetric: 'symmetric NAT: it uses another port for each destination',
  },
  paths: {
    direct: 'direct',
    learned: 'to a symmetric NAT',
    'local-link': 'on this link',
    relay: 'through a relay',
    turn: 'through the TURN server',
  },
  mappings: { pcp: 'PCP' },
  turnFailures: { silent: 'it does not answer. Check its address and port, and whether a firewall blocks them.' },
};

const counters = {
  datagramsReceived: 184_213,
  octetsReceived: 213_844_120,
  datagramsSent: 96_874,
  octetsSent: 14_020_551,
  packetsDelivered: 183_020,
  packetsTaken: 95_411,
  solicitationsReceived: 0,
  advertisementsSent: 0,
  drops: { 'unknown-encapsulation': 14, unreachable: 1_204, 'not-for-us': 37 },
};

const peers: readonly Peer[] = [
  ['2001:0:c000:201:14ad:3f1e:3400:8efa', 'direct', '203.0.113.5:49377', 1, 18, 140_000_000, 9_100_000],
  ['2001:0:c000:201:2c11:e5c7:39cd:8cf2', 'local-link', '192.168.1.12:51312', 2, 1, 41_800_000, 3_900_000],
  ['2001:db8:5:1::80', 'relay', '198.51.100.20:3544', 4, 31, 20_300_000, 640_000],
  ['2001:0:c000:201:300b:fe21:34f9:71a4', 'learned', '203.0.113.6:30122', 9, 44, 11_200_000, 212_000],
  ['2001:db8:77::25', 'relay', '198.51.100.20:3544', 25, 29, 482_000, 91_000],
].map(([address, path, endpoint, heard, roundTripMs, received, sent]) => {
  const [host = '', port] = String(endpoint).split(':');
  return {
    address: String(address),
    state: 'established',
    path: String(path),
    endpoint: { address: host, port: Number(port) },
    heardAt: ago(Number(heard)),
    roundTripMs: Number(roundTripMs),
    received: { packets: Math.round(Number(received) / 1_100), octets: Number(received) },
    sent: { packets: Math.round(Number(sent) / 300), octets: Number(sent) },
  };
});

const silent: Peer = {
  address: '2001:0:c000:201:10aa:3ff0:34ff:7109',
  state: 'failed',
  reason: 'no answer to any bubble',
  sent: { packets: 4, octets: 160 },
  received: { packets: 0, octets: 0 },
};

const qualified: Status = {
  role: 'client',
  version: '0.1.0',
  state: 'qualified',
  since: ago(8_100),
  address: '2001:0:c000:201:2cf3:3d1b:34ff:8eb7',
  server: '192.0.2.1',
  serverName: 'teredo.example.net',
  mapped: { address: '203.0.113.72', port: 49_892 },
  local: { address: '192.168.1.20', port: 49_892 },
  portMapping: { address: '203.0.113.72', port: 49_892, protocol: 'pcp' },
  nat: 'restricted',
  isPortPreserving: true,
  refreshIntervalMs: 30_000,
  nativeReachability: { state: 'working', since: ago(8_090) },
  interface: 'teredo',
  offloads: ['tcp-segments', 'udp-segments', 'send-joined'],
  peers: 6,
  paths: { direct: 1, 'local-link': 1, learned: 1, relay: 2 },
  counters,
};

const lines: readonly LogLine[] = (
  [
    [8_103, 'info', 'qualification-started', 'Asking server 192.0.2.1 for a Teredo address.'],
    [8_101, 'info', 'log', 'The router maps 203.0.113.72:49892 to this host, by PCP.'],
    [
      8_100,
      'info',
      'address-assigned',
      'Teredo address 2001:0:c000:201:2cf3:3d1b:34ff:8eb7: server 192.0.2.1, mapped to 203.0.113.72:49892, MTU 1280; restricted NAT: only endpoints this host has contacted can reach it.',
    ],
    [
      8_099,
      'warn',
      'log',
      'No IPv6 firewall detected: services on this host are reachable through "teredo". See README, Firewall.',
    ],
    [2_410, 'warn', 'native-hosts-fail', 'No native IPv6 host answers: 3 connectivity tests in a row failed.'],
    [2_290, 'info', 'native-hosts-answer', 'Native IPv6 hosts answer now.'],
  ] as const
).map(([seconds, level, kind, sentence], index) => ({ number: index + 1, at: ago(seconds), level, kind, sentence }));

const healthy: Recorded = { status: qualified, lines, peers: [...peers, silent] };

const relayPeers: readonly Peer[] = [
  ['2001:0:c000:201:14ad:3f1e:3400:8efa', '203.0.113.5:49377', 1, 18, 140_000_000, 9_100_000],
  ['2001:0:c000:201:300b:fe21:34f9:71a4', '203.0.113.6:30122', 3, 44, 11_200_000, 212_000],
  ['2001:0:c000:201:2c11:e5c7:39cd:8cf2', '198.51.100.13:51312', 6, 25, 840_000, 39_000],
].map(([address, endpoint, heard, roundTripMs, received, sent]) => ({
  address: String(address),
  state: 'established',
  path: 'direct',
  endpoint: { address: String(endpoint).split(':')[0]!, port: Number(String(endpoint).split(':')[1]) },
  heardAt: ago(Number(heard)),
  roundTripMs: Number(roundTripMs),
  received: { packets: Math.round(Number(received) / 1_100), octets: Number(received) },
  sent: { packets: Math.round(Number(sent) / 300), octets: Number(sent) },
}));

const relay: Status = {
  role: 'relay',
  version: '0.1.0',
  state: 'running',
  since: ago(1_900_000),
  address: '2001:db8:1::53',
  local: { address: '192.0.2.9', port: 3_544 },
  interface: 'teredo',
  offloads: ['tcp-segments', 'udp-segments', 'send-joined'],
  peers: 100_000,
  paths: { direct: 96_412, learned: 2_107 },
  counters: { ...counters, drops: { 'rate-limited': 88_140, unreachable: 21_004, 'unknown-encapsulation': 951 } },
};

/** A relay with 100,000 clients, of which the list holds as many. */
const crowded: Recorded = {
  status: relay,
  lines: [
    {
      number: 1,
      at: ago(1_900_000),
      level: 'info',
      kind: 'log',
      sentence: 'Relaying for 2001::/32 at 2001:db8:1::53.',
    },
  ],
  peers: Array.from({ length: 100_000 }, (_, index) => ({
    ...relayPeers[index % relayPeers.length]!,
    address: `2001:0:c000:201:0:${(index >>> 16).toString(16)}:${(index & 0xffff).toString(16)}:8efa`,
  })),
};

const degraded: Recorded = {
  ...crowded,
  status: {
    ...relay,
    state: 'degraded',
    since: ago(312),
    degraded: [
      {
        reason: 'forwarding-off',
        since: ago(312),
        sentence: 'The kernel does not forward packets between the interfaces teredo and eth0.',
        evidence: 'net.ipv6.conf.eth0.forwarding = 0',
        cure: 'Run "sysctl -w net.ipv6.conf.all.forwarding=1" and set it in /etc/sysctl.d.',
      },
    ],
    peers: 3,
    paths: { direct: 2, learned: 1 },
  },
  lines: [
    ...crowded.lines,
    {
      number: 2,
      at: ago(312),
      level: 'warn',
      kind: 'degraded',
      sentence:
        'Degraded: the kernel does not forward packets between the interfaces teredo and eth0. Run "sysctl -w net.ipv6.conf.all.forwarding=1" and set it in /etc/sysctl.d.',
    },
  ],
  peers: relayPeers,
};

const {
  address: _,
  mapped: __,
  portMapping: ___,
  nat: ____,
  isPortPreserving: _____,
  nativeReachability: ______,
  ...unassigned
} = qualified;
const serverSilent =
  'A firewall may block UDP port 3544, or the server may be down. Run "teredo-client diagnose" on this host.';
/** During a further attempt, as the program sends it most of the time. */
const offline: Recorded = {
  isQuiet: true,
  status: {
    ...unassigned,
    state: 'starting',
    since: ago(7),
    offlineReason: 'server-silent',
    cause: {
      reason: 'server-silent',
      since: ago(47),
      sentence: 'Server 192.0.2.1 does not answer.',
      cure: serverSilent,
    },
    peers: 0,
    paths: {},
    counters: { ...counters, drops: { 'not-qualified': 12 } },
  },
  lines: [
    {
      number: 1,
      at: ago(52),
      level: 'info',
      kind: 'qualification-started',
      sentence: 'Asking server 192.0.2.1 for a Teredo address.',
    },
    {
      number: 2,
      at: ago(47),
      level: 'warn',
      kind: 'off-line',
      sentence: `Off-line: server 192.0.2.1 does not answer; next attempt in 12 s. ${serverSilent}`,
    },
  ],
  peers: [],
};

const server: Recorded = {
  status: {
    role: 'server',
    version: '0.1.0',
    state: 'running',
    since: ago(86_400 * 9),
    peers: 0,
    counters: { ...counters, solicitationsReceived: 48_211, advertisementsSent: 48_190, drops: {} },
  },
  lines: [],
};

const hostRelay: Recorded = {
  status: { ...relay, role: 'host-relay', function: 'relay', functionSince: ago(500), peers: 0, paths: {} },
  lines: [],
};

export const recordings: Readonly<
  Record<'healthy' | 'crowded' | 'degraded' | 'offline' | 'server' | 'hostRelay', Recorded>
> = { healthy, crowded, degraded, offline, server, hostRelay };

/** Returns a part of a list as `/peers` does; a cursor is the index where the part begins. */
export function partOf(list: readonly Peer[], limit: number, after: string | null): Peers {
  const begin = Number(after ?? 0);
  const end = begin + limit;
  return { total: list.length, peers: list.slice(begin, end), ...(end < list.length && { next: String(end) }) };
}

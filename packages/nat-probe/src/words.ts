import type { Findings } from './findings.ts';
import type { Limit, VerdictName } from './names.ts';

export const hairpinAdvice =
  'The NAT does not connect two hosts behind it: clients do that by their local addresses (hairpinning-support), others by local discovery on their network.';

export interface Words {
  readonly meaning: string;
  /** Advice; empty when none is needed. */
  readonly advice: string;
}

/** The subject of the words. */
export interface Conclusion {
  readonly nat: VerdictName;
  readonly limits: readonly Limit[];
  readonly isUsable: boolean;
  readonly isSymmetric: boolean;
}

/** Returns the meaning of the NAT for peers, then the limitations. */
export function wordsOn({ nat, limits, isUsable, isSymmetric }: Conclusion, findings: Findings): Words {
  if (findings.isMappedGlobal === false) return notGlobalWords;
  if (nat === 'half-blocked' && findings.foreignAddress !== undefined) return foreignWords[findings.foreignAddress];
  const all = [
    natWords[nat],
    ...(isSymmetric && !isUsable ? [noSupportWords] : []),
    ...limits.map((limit) => {
      if (limit === 'native-silent') return silenceWords(findings);
      return isSymmetric && limit === 'relay-unheard' ? oldRelayWords : limitWords[limit];
    }),
  ];
  return {
    meaning: all.map(({ meaning }) => meaning).join(' '),
    advice: all.flatMap(({ advice }) => (advice === '' ? [] : [advice])).join(' '),
  };
}

const notGlobalWords: Words = {
  meaning: 'The server sees this host at an address that is not global: a Teredo client gets no address here.',
  advice: 'Use a server outside the network of this host.',
};

/** A client of RFC 4380 alone. */
const noSupportWords: Words = {
  meaning: 'A client without symmetric NAT support gets no address here.',
  advice: '',
};

/** The relay of the native host behind a symmetric NAT. */
const oldRelayWords: Words = {
  meaning:
    'The relay of the native host sent bubbles, but its packets do not arrive: it may not support symmetric NATs (RFC 6081).',
  advice: 'Run a relay that supports symmetric NATs.',
};

/** The causes of one silence: what answered beside it tells some of them apart. */
function silenceWords({ otherNative, throughOtherServer }: Findings): Words {
  if (otherNative === 'answers' || otherNative === 'relay-only') return silentNetworkWords;
  if (throughOtherServer === 'answers' || throughOtherServer === 'relay-only') return silentServerWords;
  return throughOtherServer === 'silent' ? silentRelayWords : silentWords;
}

const silentNetworkWords: Words = {
  meaning:
    'An echo to the native host brought nothing back, but one to a host in another network did: the server has IPv6, and there is a relay. Either no route for 2001::/32 leads to a relay from the network of the silent host, or a firewall is there. Native hosts of that network cannot be reached.',
  advice:
    'In that network, see whether "ip -6 route get 2001::1" finds a route and where "traceroute -6 2001::1" ends. Run a relay there, or try another --native-target.',
};

const silentServerWords: Words = {
  meaning:
    'An echo to the native host brought nothing back through this server, but did through another one: this server has no IPv6, or a firewall is in front of it. Native hosts cannot be reached through it; Teredo peers can.',
  advice: 'Put the other server first. On the silent one, see "teredo-server status" and "ip -6 route".',
};

const relayTests =
  'On the native host or in its network, "ip -6 route get 2001::1" must find a route, and "traceroute -6 2001::1" must end at the relay. On the relay, see "teredo-relay status".';

const silentRelayWords: Words = {
  meaning:
    'An echo to the native host brought nothing back through this server, nor through another one: most likely no route for 2001::/32 leads from that host to a relay, or there is no relay. Native hosts cannot be reached; Teredo peers can.',
  advice: `${relayTests} Try another --native-target, or run a relay.`,
};

const silentWords: Words = {
  meaning:
    'An echo to the native host brought nothing back. Three causes look the same from here, the most likely one first: no route for 2001::/32 leads from that host to a relay, or there is no relay, or the server has no IPv6. Native hosts cannot be reached; Teredo peers can.',
  advice: `Test them in this order. ${relayTests} Diagnose again with a second --server: if the native host answers through it, the first one has no IPv6. Try another --native-target, or run a relay.`,
};

const symmetricAdvice =
  'Forward a UDP port to this host on the router and set it as bind-port, switch the router to endpoint-independent mapping ("full cone"), name a TURN server in the key turn, or use native IPv6.';

const natWords: Readonly<Record<VerdictName, Words>> = {
  none: {
    meaning: 'There is no NAT: every Teredo peer can reach this host.',
    advice: '',
  },
  cone: {
    meaning: 'The NAT lets in any endpoint that knows the mapping: every Teredo peer can reach this host at once.',
    advice: '',
  },
  'address-restricted': {
    meaning:
      'The NAT lets in addresses that this host has sent to: the first contact takes one exchange of bubbles, then every Teredo peer can reach this host.',
    advice: '',
  },
  'port-restricted': {
    meaning:
      'The NAT lets in endpoints that this host has sent to: the first contact takes one exchange of bubbles; peers behind symmetric NATs may not reach this host.',
    advice: '',
  },
  restricted: {
    meaning: 'The NAT keeps one mapping for all destinations, as Teredo needs. Its filtering is unknown.',
    advice: '',
  },
  'port-preserving-symmetric': {
    meaning:
      'The NAT makes a mapping for each destination and keeps the port where it can: relays and peers reach this host only if they support symmetric NATs (RFC 6081).',
    advice: symmetricAdvice,
  },
  'sequential-symmetric': {
    meaning:
      'The NAT makes a mapping for each destination, with ports that follow each other: relays and peers reach this host only if they support symmetric NATs (RFC 6081).',
    advice: symmetricAdvice,
  },
  'port-symmetric': {
    meaning:
      'The NAT makes a mapping for each destination, with unpredictable ports: relays and peers reach this host only if they support symmetric NATs (RFC 6081).',
    advice: symmetricAdvice,
  },
  'address-symmetric': {
    meaning:
      'The NAT makes a mapping for each destination, even with different addresses: relays and peers reach this host only if they support symmetric NATs (RFC 6081).',
    advice: symmetricAdvice,
  },
  'half-blocked': {
    meaning: "Only one of the server's two addresses answers, so that a Teredo client cannot tell what NAT there is.",
    advice:
      'Check that the secondary address is right: it is the primary one plus 1 unless the key server-secondary names another. Else try another server, or ask its operator whether both addresses are up.',
  },
  blocked: {
    meaning: 'No answer came: a firewall stops UDP to port 3544, or the server is down.',
    advice: 'Allow outgoing UDP to port 3544 on the firewall, or try another server.',
  },
};

const foreignWords: Readonly<Record<'primary' | 'secondary', Words>> = {
  primary: {
    meaning:
      'The primary address answers with the prefix of another server: it is not the primary address of a server.',
    advice: "Set the key server to the server's primary address.",
  },
  secondary: {
    meaning: 'The secondary address answers with the prefix of another server: it belongs to a server of its own.',
    advice:
      'Set the key server-secondary to the second address of this server; without the key it is the primary one plus 1.',
  },
};

const limitWords: Readonly<Record<Exclude<Limit, 'native-silent'>, Words>> = {
  'server-forwards-nothing': {
    meaning:
      'The server answers solicitations but passes no bubbles on: neither native hosts nor peers behind NATs can be reached.',
    advice: 'Use another server.',
  },
  'relay-unheard': {
    meaning:
      'The relay of the native host sent bubbles, but its packets do not arrive: native hosts behind this relay cannot be reached.',
    advice: 'Allow UDP between this host and any address and port on the firewall.',
  },
  'input-displaces-mapping': {
    meaning:
      'The NAT accepts unsolicited input, and then uses another port towards its sender: a peer or relay that sends first cannot be reached.',
    advice:
      'Drop unsolicited UDP on the NAT, on Linux with `nft insert rule inet filter input iifname "wan" meta l4proto udp ct state new drop`, where "wan" is its interface to the Internet.',
  },
  'symmetric-nat': {
    meaning: 'Some peers do not reach this host directly at all.',
    advice: '',
  },
  'large-packets-lost': {
    meaning:
      'Packets of 1280 octets are lost while small ones pass, because the path drops fragments or large datagrams: TCP connections will hang.',
    advice:
      'Let UDP datagrams of 1308 octets and their fragments pass on the router and firewall, or lower the MSS of TCP.',
  },
  unclear: {
    meaning: 'Too many datagrams were lost to tell everything.',
    advice: 'Try again later, or nearer to the router.',
  },
};

/** A guard, and the change that takes it away. */
export interface Mutation {
  readonly guard: string;
  /** Rows of the checklist that ask for it. */
  readonly rows: string;
  /** From the top of the repository. */
  readonly file: string;
  /** Occurs exactly once in the file; else the mutation is out of date, which counts as a failure. */
  readonly original: string;
  readonly mutant: string;
  /** Packages whose tests must notice. */
  readonly packages: readonly string[];
  /** A command of this package that has to follow a change of the file, and is run again when it is undone. */
  readonly remake?: readonly [packageName: string, command: string];
}

/** One for each guard that matters most: without it somebody else reads, redirects, floods or amplifies. */
export const mutations: readonly Mutation[] = [
  {
    guard: 'relay: a client is believed only at the endpoint that its address embeds',
    rows: 'RL-R-02',
    file: 'packages/traversal/src/traversal.ts',
    original: 'hasNonce || this.table.embeds(peer, sourceAddress, sourcePort)',
    mutant: 'hasNonce || this.table.embeds(peer, sourceAddress, this.table.endpointPort(peer))',
    packages: ['relay-core'],
  },
  {
    guard: 'client: a Teredo source is believed only at the endpoint that it embeds',
    rows: 'CL-R-16',
    file: 'packages/traversal/src/traversal.ts',
    original: 'hasNonce || this.table.embeds(peer, sourceAddress, sourcePort)',
    mutant: 'true',
    packages: ['client-core', 'traversal'],
  },
  {
    guard: 'client: a peer on the link is believed only where its discovery bubble came from',
    rows: 'CL-R-24',
    file: 'packages/traversal/src/traversal.ts',
    original: ': this.#role.isAnnounced?.(peer, sourceAddress, sourcePort, now) === true;',
    mutant: ': true;',
    packages: ['client-core', 'traversal'],
  },
  {
    guard: 'client: discovery bubbles come from the own subnet',
    rows: 'CL-L-07, SEC-27',
    file: 'packages/client-core/src/local-discovery.ts',
    original: 'if (sourcePort === 0 || !ipv4PrefixContains(link.subnet, sourceAddress))',
    mutant: 'if (sourcePort === 0)',
    packages: ['client-core'],
  },
  {
    guard: 'client: an advertisement must repeat the nonce',
    rows: 'CL-S-05, SEC-02',
    file: 'packages/qualification/src/advertisement.ts',
    original: "if (!expected.nonces.includes(run.memory, layout.nonceOffset)) return 'nonce-mismatch';",
    mutant: '',
    packages: ['qualification', 'client-core'],
  },
  {
    guard: 'client: with a secret, an advertisement must prove it',
    rows: 'CL-S-01, CL-S-10, CL-S-13, CL-S-17',
    file: 'packages/qualification/src/advertisement.ts',
    original:
      "if (authenticator !== undefined && !authenticator.verify(run.memory, layout)) return 'authentication-failed';",
    mutant: '',
    packages: ['qualification'],
  },
  {
    guard: 'server: a solicitation that must prove a secret is answered only when it does',
    rows: 'SV-R-05',
    file: 'packages/server-core/src/server-engine.ts',
    original: 'if (key === undefined && this.#needsKey(layout)) return this.#refuseUnauthenticated(packet, now);',
    mutant: '',
    packages: ['server-core'],
  },
  {
    guard: 'configuration: nobody but the owner has access to a file with secrets',
    rows: 'SEC-28',
    file: 'packages/config/src/secrets/guarded-file.ts',
    original: 'if ((stat.mode & (isCredential(open.path) ? 0o007 : 0o077)) !== 0) {',
    mutant: 'if (stat.mode === 0) {',
    packages: ['config'],
  },
  {
    guard: 'client: an echo reply must carry the nonce of the test',
    rows: 'CL-I-08',
    file: 'packages/client-core/src/test-nonces.ts',
    original: 'return difference === 0;',
    mutant: 'return difference >= 0;',
    packages: ['client-core'],
  },
  {
    guard: 'all: nothing is sent to private, multicast, broadcast or own IPv4 addresses',
    rows: 'SEC-13',
    file: 'packages/engine/src/send-gate.ts',
    original: 'return port !== 0 && this.#policy.isGlobalUnicast(address);',
    mutant: 'return port !== 0;',
    packages: ['engine', 'client-core', 'relay-core'],
  },
  {
    guard: 'all: four bursts of bubbles in 300 s',
    rows: 'CL-B-08',
    file: 'packages/traversal/src/bubble-budget.ts',
    original: 'if (this.#counts[peer]! < bubbleBudget) return false;',
    mutant: 'if (this.#counts[peer]! <= bubbleBudget) return false;',
    packages: ['traversal'],
  },
  {
    guard: 'all: the peer table is bounded',
    rows: 'CL-P-04, SEC-17',
    file: 'packages/traversal/src/peer-table.ts',
    original: 'if (this.#rowsInUse < this.capacity) return;',
    mutant: 'if (this.#rowsInUse >= 0) return;',
    packages: ['traversal'],
  },
  {
    guard: 'client: unsolicited peers fill a quarter of the table at most',
    rows: 'CL-P-05, SEC-15',
    file: 'packages/traversal/src/peer-table.ts',
    original: "if (standing === 'unsolicited' && this.#sizes[unsolicitedList]! >= unsolicitedLimit) {",
    mutant: "if (standing === 'unsolicited' && this.#sizes[unsolicitedList]! > this.capacity) {",
    packages: ['traversal'],
  },
  {
    guard: 'client: answers to bubbles have a limit',
    rows: 'CL-B-09',
    file: 'packages/traversal/src/reply-limits.ts',
    original: 'this.#shortCounts[peer]! >= repliesPerSpacing ||',
    mutant: '',
    packages: ['traversal'],
  },
  {
    guard: 'server: solicitations have a limit per source',
    rows: 'SV-A-19',
    file: 'packages/server-core/src/server-engine.ts',
    original:
      "if (this.#options.rateLimit && !this.#solicitationLimiter.take(packet.outerAddress, now)) return 'rate-limited';",
    mutant: '',
    packages: ['server-core'],
  },
  {
    guard: 'server: only a source proven by address and port reaches the IPv6 Internet',
    rows: 'SV-R-06, SEC-34',
    file: 'packages/server-core/src/acceptance.ts',
    original: "if (embeddedPort(source) === packet.outerPort) return 'verified-client';",
    mutant: "return 'verified-client';",
    packages: ['server-core'],
  },
  {
    guard: 'server: nothing is forwarded to an embedded address that is not global',
    rows: 'SV-F-04',
    file: 'packages/server-core/src/server-engine.ts',
    original: 'if (!this.#options.policy.isGlobalUnicast(target) || port === 0)',
    mutant: 'if (port === 0)',
    packages: ['server-core'],
  },
  {
    guard: 'server: echo packets without hops to go end here',
    rows: 'SV-F-09, SEC-10',
    file: 'packages/server-core/src/server-engine.ts',
    original: "return hopLimitOf(bytes, layout.packetOffset) <= 1 ? 'hop-limit-exhausted' : undefined;",
    mutant: 'return undefined;',
    packages: ['server-core'],
  },
  {
    guard: 'relay: what would come back to this node is a loop',
    rows: 'SEC-08',
    file: 'packages/relay-core/src/native-side.ts',
    original: 'return this.#ownIpv4Addresses.includes(address);',
    mutant: 'return this.#ownIpv4Addresses.length < 0;',
    packages: ['relay-core'],
  },
  {
    guard: 'relay: only served addresses are reached through it',
    rows: 'RL-R-07, SEC-37',
    file: 'packages/relay-core/src/relay-engine.ts',
    original: "if (!this.#nativeSide.serves(destination)) return 'destination-not-served';",
    mutant: '',
    packages: ['relay-core'],
  },
  {
    guard: 'relay: packets from the native side add a bounded number of clients',
    rows: 'RL-T-19',
    file: 'packages/relay-core/src/clients.ts',
    original: 'if (this.#newPeers !== undefined && !this.#newPeers.take(now)) return noPeer;',
    mutant: '',
    packages: ['relay-core'],
  },
  {
    guard: 'all: ICMPv6 errors have a limit',
    rows: 'SEC-35',
    file: 'packages/engine/src/icmpv6-errors.ts',
    original: 'if (!icmpv6ErrorAllowed(cause, causeOffset, causeLength) || !this.#limit.take(now)) return;',
    mutant: 'if (!icmpv6ErrorAllowed(cause, causeOffset, causeLength)) return;',
    packages: ['engine', 'client-core', 'relay-core'],
  },
  {
    guard: 'netio: a bundle is one run only as far as all addresses in it are equal',
    rows: 'SEC-23',
    file: 'packages/netio/assembly/leading-run.ts',
    original: ' || !sameAddresses(offset, at)',
    mutant: '',
    packages: ['netio'],
    remake: ['netio', 'assemble'],
  },
  {
    guard: 'netio: a bundle is one run only as far as there is nothing but packets in it',
    rows: 'SEC-23',
    file: 'packages/netio/assembly/leading-run.ts',
    original: '!standsInRun(at, min(segmentOctets, length - used)) || ',
    mutant: '',
    packages: ['netio'],
    remake: ['netio', 'assemble'],
  },
  {
    guard: 'netio: messages are one run only as far as there is nothing but packets in them',
    rows: 'SEC-23',
    file: 'packages/netio/assembly/leading-messages.ts',
    original: '!standsInRun(at, octets) || ',
    mutant: '',
    packages: ['netio'],
    remake: ['netio', 'assemble'],
  },
  {
    guard: 'netio: messages are one run only as far as all come from one endpoint',
    rows: 'SEC-23',
    file: 'packages/netio/assembly/leading-messages.ts',
    original: ' || endpointOf(names, next) !== endpoint',
    mutant: '',
    packages: ['netio'],
    remake: ['netio', 'assemble'],
  },
  {
    guard: 'netio: messages are one run only as far as all addresses in them are equal',
    rows: 'SEC-23',
    file: 'packages/netio/assembly/leading-messages.ts',
    original: ' || !sameAddresses(first, at)',
    mutant: '',
    packages: ['netio'],
    remake: ['netio', 'assemble'],
  },
];

import type { DropReason } from '@navalis/engine';

/** Cures that explanations share. */
export const waitsOrAsk = 'If it lasts, run "diagnose" at the client to see what its NAT does.';
export const askBoth = 'If it lasts, run "diagnose" on this host and on the peer to see what the NATs do.';
export const checkRoutes = 'Find the route that sends such packets into the tunnel interface with "ip -6 route".';

/** Whole sentences that take the place of those for all programs. */
interface Texts {
  readonly meaning?: string;
  readonly cause?: string;
  readonly cure?: string;
}

const unauthenticServer: Texts = {
  meaning: "The server's answers are not authenticated with this client's secret.",
  cure: 'Compare client-identifier, secret-file and secure-algorithm with client-keys at the server.',
};

/** The texts of reasons that mean something else, or have another cure, in some programs. */
export const ownDropTexts: Readonly<Record<string, Readonly<Partial<Record<DropReason, Texts>>>>> = {
  client: {
    'authentication-failed': unauthenticServer,
    'peer-table-full': { cure: 'Raise the key max-peers.' },
    'queue-overflow': { cure: askBoth },
    unreachable: { cure: `It may be off, or behind a NAT that lets nothing in. ${askBoth}` },
  },
  server: {
    'destination-not-served': {
      meaning: 'Clients send to clients of another server.',
      cause: 'The key only-own-clients is on, as it should be where this server is not for everyone.',
      cure: 'Set only-own-clients = "off" to forward to them, too.',
    },
  },
  relay: { 'peer-table-full': { cure: 'Raise the key max-clients.' } },
  'host-relay': {
    'authentication-failed': unauthenticServer,
    'destination-not-served': {
      meaning: 'Clients send to destinations other than this host.',
      cause: 'A client that takes this host for a relay, or an attack.',
      cure: 'No action is needed: clients reach other hosts through a relay.',
    },
    'source-not-served': {
      meaning: 'The packets have a source other than the addresses of this host.',
      cause: 'The host routes packets of other hosts into the tunnel.',
      cure: `Only this host can use the tunnel. ${checkRoutes}`,
    },
    'peer-not-known': {
      cause: 'The client contacts this host first, or this program was started again meanwhile.',
      cure: `No action is needed unless it lasts: the client asks through its server again. ${waitsOrAsk}`,
    },
  },
};

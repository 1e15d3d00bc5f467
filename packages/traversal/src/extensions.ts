/** The extensions of RFC 6081 that a client or relay uses itself. Extensions of peers are understood in any case (XC-13). */
export interface Extensions {
  /** Nonces in bubbles, so that peers behind symmetric NATs are found where they really are (5.2). */
  readonly symmetricNatSupport: boolean;
  /** A second port towards peers, behind NATs that keep port numbers (5.4). Needs `symmetricNatSupport`. */
  readonly portPreserving: boolean;
  /** Predicted ports, behind NATs that count them up (5.5). Needs `portPreserving`. */
  readonly sequentialPorts: boolean;
  /** Alternate addresses for peers behind the same NAT (5.6). */
  readonly hairpinning: boolean;
  /** Peers that fell silent are asked directly before their servers are (5.7). */
  readonly serverLoadReduction: boolean;
}

/** RFC 4380 alone. */
export const noExtensions: Extensions = {
  symmetricNatSupport: false,
  portPreserving: false,
  sequentialPorts: false,
  hairpinning: false,
  serverLoadReduction: false,
};

/** The default (XC-10). */
export const allExtensions: Extensions = {
  symmetricNatSupport: true,
  portPreserving: true,
  sequentialPorts: true,
  hairpinning: true,
  serverLoadReduction: true,
};

/** Returns an extension that is on without the one that it needs, and that one; undefined for a legal combination (XC-09). */
export function missingExtension(
  extensions: Extensions,
): { readonly extension: keyof Extensions; readonly needs: keyof Extensions } | undefined {
  const { symmetricNatSupport, portPreserving, sequentialPorts } = extensions;
  if (portPreserving && !symmetricNatSupport) return { extension: 'portPreserving', needs: 'symmetricNatSupport' };
  if (sequentialPorts && !portPreserving) return { extension: 'sequentialPorts', needs: 'portPreserving' };
  return undefined;
}

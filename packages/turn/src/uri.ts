import type { TurnTransport } from '@navalis/engine';

/** A TURN server as a URI names it (RFC 7065). */
export interface TurnUri {
  /** A name or an IPv4 address. */
  readonly host: string;
  readonly port: number;
  readonly transport: TurnTransport;
}

/** Ports by scheme (RFC 7065 section 3.1). */
const defaultPorts = { turn: 3478, turns: 5349 } as const;

const pattern =
  /^(turns?):((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*)(?::([0-9]{1,5}))?(?:\?transport=(udp|tcp))?$/i;

/**
 * Reads a URI such as `turn:turn.example.net` or `turns:192.0.2.7:443?transport=tcp`. Undefined for anything else; also for DTLS,
 * which is `turns` over UDP: `turns` without a transport stands for TLS over TCP.
 */
export function parseTurnUri(text: string): TurnUri | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, scheme, , portText, transport] = match;
  const host = match[2]!;
  const isSecure = scheme!.toLowerCase() === 'turns';
  const port = portText === undefined ? defaultPorts[isSecure ? 'turns' : 'turn'] : Number(portText);
  const asked = transport?.toLowerCase();
  if (host.length > 253 || port < 1 || port > 65_535 || (isSecure && asked === 'udp')) return undefined;
  return { host, port, transport: isSecure ? 'tls' : asked === 'tcp' ? 'tcp' : 'udp' };
}

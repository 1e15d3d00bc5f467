import { writeFileSync } from 'node:fs';
import type { Laboratory } from '../laboratory.ts';
import { turnAddress } from '../network/address-plan.ts';
import type { Namespace } from '../network/namespace.ts';
import { UnpackedPackage } from '../unpacked-package.ts';
import { Program } from './program.ts';

const coturn = new UnpackedPackage('coturn');

/** The user of the laboratory's TURN server. */
export const turnUser = { name: 'alice', password: 'laboratory' } as const;

const patienceMs = 20_000;

export interface CoturnOptions {
  readonly address?: string;
  /** Beside those that the laboratory needs. */
  readonly flags?: readonly string[];
  /** A name in the files and messages of the laboratory. */
  readonly label?: string;
}

/** Starts coturn as the operator's guide says: long-term credentials, no private peers. Over TLS with `certificate`. */
export async function startCoturn(
  laboratory: Laboratory,
  host: Namespace,
  { address = turnAddress, flags = [], label = 'coturn' }: CoturnOptions = {},
): Promise<Program> {
  const started = Program.start(laboratory, host, {
    name: `${label} on ${host.label}`,
    command: coturn.program('usr/bin/turnserver'),
    args: [
      '-n',
      ...['--listening-ip', address, '--relay-ip', address, '--realm', 'laboratory.example', '--lt-cred-mech'],
      ...['--user', `${turnUser.name}:${turnUser.password}`, '--userdb', laboratory.file(`${label}.db`)],
      ...['--no-cli', '--no-multicast-peers', '--no-software-attribute', '--no-rfc5780', '--no-dtls'],
      ...['10.0.0.0-10.255.255.255', '172.16.0.0-172.31.255.255', '192.168.0.0-192.168.255.255'].flatMap((range) => [
        '--denied-peer-ip',
        range,
      ]),
      ...['--log-file', 'stdout', '--verbose', '--pidfile', laboratory.file(`${label}.pid`)],
      ...flags,
    ],
    environment: coturn.environment,
  });
  await started.line(/IPv4\. UDP listener opened|UDP listener opened on|Total General servers/, patienceMs);
  return started;
}

export interface TurnFlags {
  /** In order of preference. */
  readonly uris?: readonly string[];
  readonly use?: 'always' | 'fallback';
  readonly password?: string;
}

/** Returns the flags of a client that uses TURN servers, and writes the file with its credentials. */
export function turnFlags(
  laboratory: Laboratory,
  { uris = [`turn:${turnAddress}`], use = 'always', password = turnUser.password }: TurnFlags = {},
): readonly string[] {
  const file = laboratory.file(`turn-credentials-${password}`);
  writeFileSync(file, `${turnUser.name}:${password}\n`, { mode: 0o600 });
  return ['--turn', uris.join(','), '--turn-credentials', file, '--turn-use', use];
}

/** Makes a certificate for an address, and returns its files. */
export function makeCertificate(
  laboratory: Laboratory,
  host: Namespace,
  address: string = turnAddress,
): { readonly certificate: string; readonly key: string } {
  const [certificate, key] = [laboratory.file('turn.pem'), laboratory.file('turn.key')];
  host.run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=turn.laboratory.example', '-addext', `subjectAltName=IP:${address}`],
    ...['-out', certificate, '-keyout', key],
  ]);
  return { certificate, key };
}

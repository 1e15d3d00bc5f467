import { readFileSync, writeFileSync } from 'node:fs';
import { LabError } from '../lab-error.ts';
import type { Laboratory } from '../laboratory.ts';
import { dualStackAddress, serverAddress } from '../network/address-plan.ts';
import type { Namespace } from '../network/namespace.ts';
import { miredoLibraries, miredoObstacle, miredoProgram, miredoScript, miredoUser } from './miredo-files.ts';
import { Program } from './program.ts';
import { teredoAddressOf } from './teredo-interface.ts';

const patienceMs = 20_000;

export async function startMiredoServer(laboratory: Laboratory, host: Namespace): Promise<Program> {
  const program = start(laboratory, host, 'miredo-server', `ServerBindAddress ${serverAddress}\n`);
  // /proc/<pid>/net/udp shows the sockets of the program's own namespace; 3544 is 0DD8 there.
  await program.until(
    'a socket on port 3544',
    () => /:0DD8 /.test(readFileSync(`/proc/${program.pid}/net/udp`, 'utf8')) || undefined,
    patienceMs,
  );
  return program;
}

/** `host`: the relay serves the machine itself only, as a host-specific relay does. */
export async function startMiredoRelay(
  laboratory: Laboratory,
  host: Namespace,
  place: 'relay' | 'host',
): Promise<Program> {
  const bind = place === 'host' ? `BindAddress ${dualStackAddress}\n` : '';
  const program = start(laboratory, host, 'miredo', `RelayType relay\nInterfaceName teredo\n${bind}`);
  await program.until('its interface', () => /^ *teredo:/m.exec(interfacesOf(program))?.[0], patienceMs);
  return program;
}

export interface MiredoClient {
  readonly program: Program;
  readonly address: string;
}

export async function startMiredoClient(laboratory: Laboratory, host: Namespace): Promise<MiredoClient> {
  const settings = `RelayType client\nInterfaceName teredo\nServerAddress ${serverAddress}\n`;
  const program = start(laboratory, host, 'miredo', settings);
  const address = await program.until('a Teredo address', () => teredoAddressOf(host), patienceMs);
  return { program, address };
}

function start(laboratory: Laboratory, host: Namespace, command: string, settings: string): Program {
  const obstacle = miredoObstacle();
  if (obstacle !== undefined) throw new LabError(obstacle);
  const file = laboratory.file(`${host.label}-${command}.conf`);
  writeFileSync(file, settings);
  const name = `${command} on ${host.label}`;
  const args = [miredoProgram(command), '-f', '-u', miredoUser, '-p', `/run/${command}.pid`, '-c', file];
  return Program.start(laboratory, host, {
    name,
    command: 'sh',
    args: ['-c', miredoScript(), 'miredo', ...args],
    environment: { LD_LIBRARY_PATH: miredoLibraries() },
  });
}

function interfacesOf(program: Program): string {
  return readFileSync(`/proc/${program.pid}/net/dev`, 'utf8');
}

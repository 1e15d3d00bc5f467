import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandResult, run } from '../command.ts';
import { LabError } from '../lab-error.ts';
import type { Laboratory } from '../laboratory.ts';
import { laboratoryRanges, serverAddress } from '../network/address-plan.ts';
import type { Namespace } from '../network/namespace.ts';
import { usesOffloads } from '../network/offloads.ts';
import { repositoryPath } from '../repository.ts';
import { extensionFlags } from './extensions.ts';
import { type Health, healthOver, metricsOver } from './health.ts';
import { Program } from './program.ts';
import type { Role } from './role.ts';
import { teredoAddressOf } from './teredo-interface.ts';

export type { Role } from './role.ts';

/** The fields of `status --json` that the laboratory uses. */
interface Status {
  readonly role: string;
  readonly state: string;
  readonly function?: string;
  readonly address?: string;
  readonly server?: string;
  readonly mapped?: { readonly address: string; readonly port: number };
  readonly local?: { readonly address: string; readonly port: number };
  readonly portMapping?: { readonly protocol: string; readonly address: string; readonly port: number };
  readonly nat?: string;
  readonly turn?: {
    readonly server: { readonly address: string; readonly port: number };
    readonly transport: string;
    readonly relayed?: { readonly address: string; readonly port: number };
    readonly failure?: string;
  };
  readonly offlineReason?: string;
  readonly nativeReachability?: { readonly state: string; readonly since: string };
  readonly degraded?: readonly {
    readonly reason: string;
    readonly sentence: string;
    readonly evidence: string;
    readonly cure: string;
  }[];
  readonly peers: number;
  readonly announcement?: { readonly isAnnounced: boolean; readonly reason?: string };
  /** Turns of the data plane: how many took at most 0.1, 1, 5, 20, 100 and 1000 ms, and all. */
  readonly loop: { readonly atMost: readonly number[] };
  /** By the kind of path. */
  readonly paths?: Readonly<Record<string, number>>;
  readonly counters: {
    readonly datagramsReceived: number;
    readonly packetsDelivered: number;
    readonly packetsTaken: number;
    readonly datagramsSent: number;
    readonly bubblesReceived: number;
    readonly bubblesSent: number;
    readonly solicitationsSent: number;
    readonly drops: Readonly<Record<string, number>>;
  };
}

/** One of our programs in a namespace. */
export interface Navalis {
  readonly role: Role;
  readonly host: Namespace;
  readonly program: Program;
  /** The path of its status socket. */
  readonly socket: string;
  status(): Promise<Status>;
  health(): Promise<Health>;
  metrics(): Promise<string>;
  /** Calls a command of the program, such as `peers`; never rejects for its exit status. */
  call(name: string, ...args: readonly string[]): Promise<CommandResult>;
}

export interface NavalisClient extends Navalis {
  readonly address: string;
  /** The time from the start of the process to the log line with its address. */
  readonly addressAfterMs: number;
}

const patienceMs = 20_000;

/** The log line of server, relay and host-specific relay when they are ready. */
const readyLine = /Listening on UDP port|Relaying 2001::|Reaching Teredo clients through/;

let sockets = 0;

/** Help texts of the programs of other checkouts, by their files. */
const helpTexts = new Map<string, string>();

export async function startServer(
  laboratory: Laboratory,
  host: Namespace,
  primary: string = serverAddress,
  flags: readonly string[] = [],
): Promise<Navalis> {
  return running(launch(laboratory, host, 'server', { flags: ['--primary-address', primary, ...flags] }));
}

export async function startRelay(
  laboratory: Laboratory,
  host: Namespace,
  flags: readonly string[] = [],
): Promise<Navalis> {
  return running(launch(laboratory, host, 'relay', { flags }));
}

export async function startHostRelay(
  laboratory: Laboratory,
  host: Namespace,
  flags: readonly string[] = [],
): Promise<Navalis> {
  return running(launch(laboratory, host, 'host-relay', { flags }));
}

/** Starts the program, with further flags if any. */
export async function startClient(
  laboratory: Laboratory,
  host: Namespace,
  flags: readonly string[] = [],
): Promise<NavalisClient> {
  const client = launch(laboratory, host, 'client', { flags: ['--server', serverAddress, ...flags] });
  const [, address = ''] = await client.program.line(/Teredo address (2001:[0-9a-f:]+): /, patienceMs);
  const addressAfterMs = performance.now() - client.program.startedAtMs;
  await client.program.until('its address on an interface', () => teredoAddressOf(host), patienceMs);
  return { ...client, address, addressAfterMs };
}

/** How a program is started. */
export interface LaunchOptions {
  /** Beside those that the laboratory needs. */
  readonly flags?: readonly string[];
  /** The command that starts the program, such as `setpriv` and its arguments; it comes before Node. */
  readonly interpreter?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts a program without a wait: for programs that must fail, or wait themselves. */
export function launch(
  laboratory: Laboratory,
  host: Namespace,
  role: Role,
  { flags = [], interpreter = [], environment = {} }: LaunchOptions = {},
): Navalis {
  sockets += 1;
  const socket = laboratory.file(`${role}-${sockets}.sock`);
  const ranges = ['--extra-global-ipv4', laboratoryRanges.join(',')];
  const [command = '', ...args] = [...interpreter, process.execPath, mainFile(role, laboratory.checkout)];
  const program = Program.start(laboratory, host, {
    name: `teredo-${role} on ${host.label}`,
    command,
    args: [
      ...args,
      'run',
      '--status-socket',
      socket,
      ...ranges,
      ...stateFlags(laboratory, role, flags),
      ...offloadFlags(flags),
      ...extensionFlags(role, flags),
      ...flags,
    ],
    environment,
  });
  return {
    role,
    host,
    program,
    socket,
    status: () => status(host, role, socket),
    health: () => healthOver(socket),
    metrics: () => metricsOver(socket),
    call: (name, ...own) =>
      host.runBeside(process.execPath, [mainFile(role, laboratory.checkout), name, ...own, '--status-socket', socket], {
        tolerant: true,
        timeoutMs: 60_000,
      }),
  };
}

/** Each client has a memory of its own, unless its flags name one. The program of an older checkout may have none. */
function stateFlags(laboratory: Laboratory, role: Role, flags: readonly string[]): readonly string[] {
  const flag = '--state-directory';
  const hasMemory = role === 'client' || role === 'host-relay';
  if (!hasMemory || flags.includes(flag) || !knowsFlag(mainFile(role, laboratory.checkout), flag)) return [];
  return [flag, laboratory.file(`state-${sockets}`)];
}

/** Returns true if the program of a checkout, which may be an older one, takes a flag. */
function knowsFlag(program: string, flag: string): boolean {
  if (program.startsWith(repositoryPath('.'))) return true;
  const known = helpTexts.get(program) ?? run(process.execPath, [program, 'run', '--help']).stdout;
  helpTexts.set(program, known);
  return known.includes(flag);
}

/** Programs of a laboratory without offloads use none, unless their flags enable them. */
function offloadFlags(flags: readonly string[]): readonly string[] {
  return usesOffloads() || flags.includes('--offload') ? [] : ['--offload', 'off'];
}

/** The built program of a role, in the checkout with this root. */
export function mainFile(role: Role, checkout: string = repositoryPath('.')): string {
  const file = join(checkout, 'apps', role, 'dist/main.js');
  if (!existsSync(file)) throw new LabError(`${file} does not exist: run \`npm run build\` first.`);
  return file;
}

async function running(navalis: Navalis): Promise<Navalis> {
  await navalis.program.line(readyLine, patienceMs);
  return navalis;
}

async function status(host: Namespace, role: Role, socket: string): Promise<Status> {
  const args = [mainFile(role), 'status', '--status-socket', socket, '--json'];
  return JSON.parse((await host.runBeside(process.execPath, args)).stdout) as Status;
}

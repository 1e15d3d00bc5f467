import { randomFillSync } from 'node:crypto';
import { formatIpv4, type Ipv4Policy, type Ipv4Value, type Ipv6Value } from '@navalis/address';
import { type ClientConfiguration, ipv4PolicyOf, type Role } from '@navalis/config';
import {
  type Findings,
  type NativeAnswer,
  NatProbe,
  type Stage,
  socketsNeeded,
  type Verdict,
  verdictOf,
} from '@navalis/nat-probe';
import { lookUpIpv4 } from '../host/names/look-up-name.ts';
import { type ResolvedServer, resolveServers } from '../host/names/resolve-servers.ts';
import { localAddressTowards } from '../host/routes/local-address.ts';
import { NavalisError } from '../navalis-error.ts';
import type { Time } from '../scheduling/time.ts';
import { ProbeSockets } from './probe-sockets.ts';

/** The server that a diagnosis asks. */
export interface AskedServer {
  readonly server: ResolvedServer;
  /** The client that runs on this host has its address from it. */
  readonly isInUse: boolean;
  /** How many servers could be asked; the first one is where none is in use. */
  readonly choices: number;
}

/** Receives the progress of a diagnosis. */
export interface DiagnosisObserver {
  readonly resolved: (asked: AskedServer, local: Ipv4Value) => void;
  readonly stageDone: (stage: Stage, findings: Findings) => void;
  /** Receives the error of an unusable server; the diagnosis continues with the next one. */
  readonly skipped: (error: NavalisError) => void;
  /** Another server was asked, because the native host is silent. */
  readonly otherServerAsked?: (server: ResolvedServer, answer: NativeAnswer | undefined) => void;
}

export interface Diagnosis extends Pick<AskedServer, 'server' | 'isInUse'> {
  readonly local: Ipv4Value;
  readonly findings: Findings;
  readonly verdict: Verdict;
  /** The native host that received an echo request; undefined without one. */
  readonly nativeTarget: Ipv6Value | undefined;
  /** The one that received a request because the first was silent, or would have. */
  readonly otherNativeTarget?: Ipv6Value | undefined;
  /** The reason why the system refused to send; undefined if it sent everything. */
  readonly refusal: string | undefined;
}

/** The options of a diagnosis, besides those of the NAT. */
export interface DiagnosisOptions {
  /** The role of the program that advice names. */
  readonly role?: Role;
  readonly time: Time;
  /** The server of the client that runs on this host; asked if it is one of the configured ones. */
  readonly inUse?: Ipv4Value | undefined;
  /** The longest mapping lifetime to test, in seconds; 0 skips the test. */
  readonly lifetimeLimitSeconds: number;
  /** The native host to send an echo request to; undefined skips the test. */
  readonly nativeTarget: Ipv6Value | undefined;
  /** A native host to send one to when the first is silent. */
  readonly otherNativeTarget?: Ipv6Value | undefined;
  /** Whether a client would use the address that it gets behind a symmetric NAT. */
  readonly symmetricNatSupport: boolean;
}

/**
 * Diagnoses the path between this host and the server in use, or else the first one that has an address; when a native host is silent,
 * also whether it answers through the next one. Changes nothing and needs no privilege.
 * @throws NavalisError `name-not-resolved`, `configuration`, or `address-not-available` without a route.
 */
export async function diagnose(
  configuration: ClientConfiguration,
  options: DiagnosisOptions,
  observer: DiagnosisObserver,
  probe: typeof probeServer = probeServer,
): Promise<Diagnosis> {
  const { role = 'client', nativeTarget, otherNativeTarget, symmetricNatSupport, time, inUse } = options;
  const policy = ipv4PolicyOf(configuration);
  const servers = await resolveServers(configuration.servers, {
    policy,
    lookUp: (name) => lookUpIpv4(name, time),
    skipped: observer.skipped,
    kept: inUse,
  });
  const used = servers.find(({ primary }) => primary === inUse);
  const server = used ?? servers[0]!;
  const other = servers.find((each) => each !== server);
  const { primary } = server;
  const local = configuration.bindAddress || (await localAddressTowards(primary));
  if (local === undefined) {
    throw new NavalisError('address-not-available', `There is no IPv4 route to the server ${formatIpv4(primary)}.`);
  }
  const isInUse = used !== undefined;
  observer.resolved({ server, isInUse, choices: servers.length }, local);
  const answer = await probe({ server, local, policy, options }, observer.stageDone);
  const own = { ...answer, verdict: withoutSecret(answer.verdict, configuration, role) };
  const context = { server, isInUse, local, nativeTarget, otherNativeTarget, refusal: own.refusal };
  if (!isSilent(own.findings) || other === undefined) return { ...context, ...own };
  const quick = { nativeTarget, symmetricNatSupport, time, lifetimeLimitSeconds: 0 };
  const second = await probe({ server: other, local, policy, options: quick }, () => undefined);
  observer.otherServerAsked?.(other, second.findings.native);
  const findings = { ...own.findings, throughOtherServer: second.findings.native };
  return { ...context, findings, verdict: verdictOf(findings, symmetricNatSupport) };
}

/** Adds the cause that a client with a secret has for silence: a diagnosis sends no secret, and a server may require one. */
function withoutSecret(verdict: Verdict, { engine: { secure } }: ClientConfiguration, role: Role): Verdict {
  if (verdict.nat !== 'blocked' || secure === undefined) return verdict;
  return {
    ...verdict,
    meaning:
      'No answer came: a diagnosis sends no secret, so a server that requires one is silent. Or a firewall stops UDP to port 3544, or the server is down.',
    advice: `See in "teredo-${role} status" whether the running client gets an answer, or name a server that requires no secret with --server.`,
  };
}

/** Returns true if no native host brought anything back: the server may be the reason. */
function isSilent({ native, otherNative }: Findings): boolean {
  return native === 'silent' && otherNative !== 'answers' && otherNative !== 'relay-only';
}

/** The server that is asked, and how. */
interface ServerProbe {
  readonly server: ResolvedServer;
  readonly local: Ipv4Value;
  readonly policy: Ipv4Policy;
  readonly options: DiagnosisOptions;
}

async function probeServer(
  { server: { primary, secondary }, local, policy, options: { time, ...options } }: ServerProbe,
  stageDone: DiagnosisObserver['stageDone'],
): Promise<Pick<Diagnosis, 'findings' | 'verdict' | 'refusal'>> {
  const sockets = await ProbeSockets.open(
    socketsNeeded(options.lifetimeLimitSeconds),
    local,
    (socket, bytes, from) => void probe.handleDatagram(socket, bytes, from, time.now()),
  );
  const probe = new NatProbe(
    { primary, secondary, policy, locals: sockets.locals, ...options },
    {
      send: (socket, payload, to) => sockets.send(socket, payload.slice(), to),
      stageDone: (stage, findings) => stageDone(stage, findings),
      random: { fill: (target) => void randomFillSync(target) },
    },
  );
  try {
    probe.start(time.now());
    await untilDone(probe, time);
    return { findings: probe.findings, verdict: probe.verdict, refusal: sockets.refusal };
  } finally {
    sockets.close();
  }
}

/** The longest delay of a deadline: datagrams end a stage at any moment. */
const longestPauseMs = 20;

async function untilDone(probe: NatProbe, time: Pick<Time, 'now' | 'after'>): Promise<void> {
  while (!probe.isDone) {
    const pause = Math.min(Math.max(probe.nextDeadline() - time.now(), 0), longestPauseMs);
    await new Promise<void>((resolve) => time.after(pause, resolve));
    probe.handleDeadline(time.now());
  }
}

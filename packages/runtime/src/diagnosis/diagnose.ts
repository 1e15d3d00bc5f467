import { randomFillSync } from 'node:crypto';
import { formatIpv4, type Ipv4Value, type Ipv6Value } from '@navalis/address';
import { type ClientConfiguration, ipv4PolicyOf } from '@navalis/config';
import { type Findings, NatProbe, type Stage, socketsNeeded, type Verdict } from '@navalis/nat-probe';
import { lookUpIpv4 } from '../host/names/look-up-name.ts';
import { type ResolvedServer, resolveServers } from '../host/names/resolve-servers.ts';
import { localAddressTowards } from '../host/routes/local-address.ts';
import { NavalisError } from '../navalis-error.ts';
import type { Time } from '../scheduling/time.ts';
import { ProbeSockets } from './probe-sockets.ts';

/** Receives the progress of a diagnosis. */
export interface DiagnosisObserver {
  readonly resolved: (server: ResolvedServer, local: Ipv4Value) => void;
  readonly stageDone: (stage: Stage, findings: Findings) => void;
  /** Receives the error of an unusable server; the diagnosis continues with the next one. */
  readonly skipped: (error: NavalisError) => void;
}

export interface Diagnosis {
  readonly server: ResolvedServer;
  readonly local: Ipv4Value;
  readonly findings: Findings;
  readonly verdict: Verdict;
  /** The native host that received an echo request; undefined without one. */
  readonly nativeTarget: Ipv6Value | undefined;
  /** The reason why the system refused to send; undefined if it sent everything. */
  readonly refusal: string | undefined;
}

/** The options of a diagnosis, besides those of the NAT. */
export interface DiagnosisOptions {
  readonly time: Time;
  /** The longest mapping lifetime to test, in seconds; 0 skips the test. */
  readonly lifetimeLimitSeconds: number;
  /** The native host to send an echo request to; undefined skips the test. */
  readonly nativeTarget: Ipv6Value | undefined;
  /** Whether a client would use the address that it gets behind a symmetric NAT. */
  readonly symmetricNatSupport: boolean;
}

/**
 * Diagnoses the path between this host and its first server that has an address. Changes nothing and needs no privilege.
 * @throws NavalisError `name-not-resolved`, `configuration`, or `address-not-available` without a route.
 */
export async function diagnose(
  configuration: ClientConfiguration,
  { lifetimeLimitSeconds, nativeTarget, symmetricNatSupport, time }: DiagnosisOptions,
  observer: DiagnosisObserver,
): Promise<Diagnosis> {
  const policy = ipv4PolicyOf(configuration);
  const [server] = await resolveServers(configuration.servers, {
    policy,
    lookUp: (name) => lookUpIpv4(name, time),
    skipped: observer.skipped,
  });
  const { primary, secondary } = server!;
  const local = configuration.bindAddress || (await localAddressTowards(primary));
  if (local === undefined) {
    throw new NavalisError('address-not-available', `There is no IPv4 route to the server ${formatIpv4(primary)}.`);
  }
  observer.resolved(server!, local);
  const sockets = await ProbeSockets.open(socketsNeeded(lifetimeLimitSeconds), local, (socket, bytes, from) => {
    probe.handleDatagram(socket, bytes, from, time.now());
  });
  const probe = new NatProbe(
    { primary, secondary, policy, locals: sockets.locals, nativeTarget, lifetimeLimitSeconds, symmetricNatSupport },
    {
      send: (socket, payload, to) => sockets.send(socket, payload.slice(), to),
      stageDone: (stage, findings) => observer.stageDone(stage, findings),
      random: { fill: (target) => void randomFillSync(target) },
    },
  );
  try {
    probe.start(time.now());
    await untilDone(probe, time);
    const { findings, verdict } = probe;
    return { server: server!, local, findings, verdict, nativeTarget, refusal: sockets.refusal };
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

import { formatEndpoint, formatIpv4, formatIpv6 } from '@navalis/address';
import type { AuthenticationFailure, EngineEvent, OfflineReason, PortRefusal } from '@navalis/engine';
import type { ControlEvent, DisabledReason } from '@navalis/life';
import type { NatClass } from '@navalis/nat';
import { offlineExplanationsOf } from './client-reasons.ts';
import { turnFailureDescription, turnFailures } from './turn-failures.ts';

/** A log line: a sentence for people and the same as fields for machines. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn';
  readonly sentence: string;
  readonly fields: Readonly<Record<string, string | number>>;
}

/**
 * Turns events of engines and of the control plane into log lines, one per change of state: what repeats while a client stays off-line goes to
 * `debug`. Bounded by the configured servers times the reasons to be off-line.
 */
export class EventNarrator {
  readonly #subject: string;
  readonly #role: string;
  /** The failures of each server since the last address. */
  readonly #told = new Set<string>();

  /** `subject` names the engine that starts and stops, such as `relay`; `role` the program, such as `host-relay`. */
  constructor(subject: string, role = 'client') {
    this.#subject = subject;
    this.#role = role;
  }

  describe(event: EngineEvent | ControlEvent): LogLine {
    switch (event.kind) {
      // An engine also starts and stops when a client goes idle, yields to native IPv6 or changes places with a relay. The cause is
      // logged by the component that decides it.
      case 'started':
        return line('debug', `The ${this.#subject}'s engine has started.`, event.kind);
      case 'stopped':
        return line('debug', `The ${this.#subject}'s engine has stopped.`, event.kind);
      case 'disabled': {
        const { reason, evidence } = event;
        const sentence = `Not using Teredo: ${disabledDescription(reason, evidence)}.`;
        return line('info', sentence, event.kind, { reason, ...(evidence !== undefined && { evidence }) });
      }
      case 'enabled': {
        const { reason } = event;
        return line('info', `Using Teredo: ${enabledSentences[reason]}.`, event.kind, { reason });
      }
      case 'wanted':
        return line('info', 'Using Teredo again: this host has a packet for the tunnel.', event.kind);
      case 'refresh-interval-determined':
        return determined(event);
      case 'qualification-started': {
        const server = formatIpv4(event.server);
        const level = this.#tell(`starting ${server}`) ? 'info' : 'debug';
        return line(level, `Asking server ${server} for a Teredo address.`, event.kind, { server });
      }
      case 'address-assigned':
        this.#told.clear();
        return assigned(event);
      case 'address-lost': {
        const address = formatIpv6(event.address);
        return line('info', `Teredo address ${address} is no longer usable; the interface has lost it.`, event.kind, {
          address,
        });
      }
      case 'server-back': {
        const server = formatIpv4(event.server);
        const instead = formatIpv4(event.instead);
        const sentence = `Preferred server ${server} answers now: switching to it from ${instead}.`;
        return line('info', sentence, event.kind, { server, instead });
      }
      case 'server-replaced': {
        const server = formatIpv4(event.server);
        const instead = formatIpv4(event.instead);
        const sentence = `Server ${instead} no longer answers: switching to ${server}.`;
        return line('warn', sentence, event.kind, { server, instead });
      }
      case 'fastest-server': {
        const { asked } = event;
        const server = formatIpv4(event.server);
        const roundTripMs = Math.round(10 * event.roundTripMs) / 10;
        const level = this.#tell(`fastest ${server}`) ? 'info' : 'debug';
        const sentence = `Server ${server} is the fastest of ${asked}: it answered after ${roundTripMs} ms.`;
        return line(level, sentence, event.kind, { server, roundTripMs, asked });
      }
      case 'server-unheard': {
        const server = formatIpv4(event.server);
        // The control plane logs it where it matters.
        return line('debug', `Server ${server} does not answer, but peers do.`, event.kind, { server });
      }
      case 'server-heard': {
        const server = formatIpv4(event.server);
        return line('debug', `Server ${server} answers again.`, event.kind, { server });
      }
      case 'new-port-wanted':
        return line('debug', 'No server answered on this UDP port: opening another one.', event.kind);
      case 'port-refused': {
        const { reason } = event;
        const level = this.#tell(`port ${reason}`) ? 'warn' : 'debug';
        return line(level, `Cannot open another UDP port: ${portRefusalSentences[reason]}`, event.kind, { reason });
      }
      case 'port-changed': {
        const local = formatEndpoint(event.local);
        return line('debug', `Sending from ${local}.`, event.kind, { local });
      }
      case 'renew-key': {
        const server = formatIpv4(event.server);
        const sentence = `Server ${server} accepts this client's secret, but asks for a new one: agree on another secret with its operator.`;
        return line('warn', sentence, event.kind, { server });
      }
      case 'authentication-failed': {
        const { reason, identifier, untold } = event;
        const source = formatEndpoint(event.source);
        const more =
          untold === 0 ? '' : ` ${untold} more ${untold === 1 ? 'was' : 'were'} refused since the last such line.`;
        const sentence = `Refused a solicitation from ${source}: ${failureSentences[reason](identifier)}.${more}`;
        const fields = { reason, source, untold, ...(identifier !== undefined && { identifier }) };
        return line('warn', sentence, event.kind, fields);
      }
      case 'server-moved': {
        const { name } = event;
        const servers = event.servers.map(formatIpv4).join(', ');
        const before = event.before.map(formatIpv4).join(', ') || 'unknown';
        const past = event.before.length === 0 ? '' : `, and resolved to ${before} before`;
        const sentence = `Server ${name} has moved: it resolves to ${servers}${past}.`;
        return line('warn', sentence, event.kind, { name, servers, before });
      }
      case 'native-hosts-fail': {
        const { failedTests } = event;
        const sentence = `No native IPv6 host answers: ${failedTests} connectivity tests in a row failed. The server may have no IPv6, or no relay may serve these hosts: run teredo-${this.#role} diagnose, then try another server or run a relay.`;
        return line('warn', sentence, event.kind, { failedTests });
      }
      case 'native-hosts-answer':
        return line('info', 'Native IPv6 hosts answer now.', event.kind);
      case 'turn-allocated': {
        const { transport } = event;
        const server = formatEndpoint(event.server);
        const relayed = formatEndpoint(event.relayed);
        this.#forgetTurn();
        const sentence = `Using TURN server ${server} over ${transport.toUpperCase()}: it relays ${relayed} to this host.`;
        return line('info', sentence, event.kind, { server, transport, relayed });
      }
      case 'turn-lost': {
        const { transport, reason } = event;
        const server = formatEndpoint(event.server);
        const why = reason === 'silent' ? 'no longer answers' : 'no longer knows the allocation of this host';
        const sentence = `TURN server ${server} ${why}: asking for another allocation.`;
        return line('warn', sentence, event.kind, { server, transport, reason });
      }
      case 'turn-unanswered': {
        const { transport, forMs } = event;
        const server = formatEndpoint(event.server);
        const level = this.#tell(`turn unanswered ${server} ${transport}`) ? 'warn' : 'debug';
        const sentence = `TURN server ${server} over ${transport.toUpperCase()} has not answered for ${forMs / 1000} s: still waiting. ${turnFailures.silent.cure}`;
        return line(level, sentence, event.kind, { server, transport, forMs });
      }
      case 'turn-failed': {
        const { transport, reason, retryInMs } = event;
        const server = formatEndpoint(event.server);
        const level = this.#tell(`turn ${reason} ${server} ${transport}`) ? 'warn' : 'debug';
        const next = retryInMs === 0 ? 'Asking the next one.' : 'Trying again later.';
        const { cure } = turnFailures[reason];
        const sentence = [turnFailureDescription(server, transport, reason), cure, next].filter(Boolean).join(' ');
        return line(level, sentence, event.kind, { server, transport, reason, retryInMs });
      }
      case 'resumed': {
        const { sleptMs } = event;
        const sentence = `This host slept for ${Math.round(sleptMs / 1000)} s: checking the mapping and all peers again.`;
        return line('info', sentence, event.kind, { sleptMs: Math.round(sleptMs) });
      }
      case 'local-changed': {
        if (event.local.address === 0) {
          return line('warn', 'The network changed: this host no longer has an IPv4 route to its server.', event.kind);
        }
        const local = formatEndpoint(event.local);
        return line('info', `The network changed: sending from ${local}.`, event.kind, { local });
      }
      case 'off-line': {
        const server = formatIpv4(event.server);
        const level = this.#tell(`${event.reason} ${server}`) ? 'warn' : 'debug';
        const seconds = Math.round(event.retryInMs / 1000);
        const why = offlineSentences[event.reason](server, event);
        const { cure } = offlineExplanationsOf(this.#role)[event.reason];
        const sentence =
          event.reason === 'no-route'
            ? `T${why.slice(1)}. Waiting for one. ${cure}`
            : `Off-line: ${why}; next attempt in ${seconds} s. ${cure}`;
        const secondary = event.secondary === undefined ? {} : { secondary: formatIpv4(event.secondary) };
        const fields = { server, ...secondary, reason: event.reason, retryInMs: event.retryInMs };
        return line(level, sentence, event.kind, fields);
      }
    }
  }

  /** Makes failures before an allocation news when they come again. */
  #forgetTurn(): void {
    for (const told of this.#told) if (told.startsWith('turn ')) this.#told.delete(told);
  }

  /** Returns true if this is news. */
  #tell(what: string): boolean {
    const isNews = !this.#told.has(what);
    this.#told.add(what);
    return isNews;
  }
}

const portRefusalSentences: Readonly<Record<PortRefusal, string>> = {
  'descriptor-limit':
    'no file descriptor is left for this process or on this host. Raise the limit (LimitNOFILE in the systemd unit, or ulimit -n).',
  'address-gone': 'this host has lost the address to bind to. Check the addresses that "ip -4 address" lists.',
  'port-taken': 'other programs use the port numbers that were tried. See "ss -lun" for the ports in use.',
  'table-full': 'too many are open. This should not happen: please report it.',
  'system-refused': 'the kernel refuses. See the kernel log (dmesg), and the memory limits of this process.',
};

/** The meaning of each kind of NAT for its user. */
export const natDescriptions: Readonly<Record<NatClass, string>> = {
  none: 'no NAT',
  cone: 'cone NAT: anyone can reach this host',
  restricted: 'restricted NAT: only endpoints this host has contacted can reach it',
  symmetric: 'symmetric NAT: it uses another port for each destination',
};

/** The servers of a client that is off-line; the secondary address where it matters. */
type OfflineServers = Pick<Extract<EngineEvent, { kind: 'off-line' }>, 'server' | 'secondary'>;

/** Completes "Off-line: ...", for a client whose server has this address. */
export function offlineDescription(reason: OfflineReason, server: string): string {
  return offlineSentences[reason](server, { server: 0 });
}

function secondarySilent(text: string, { server, secondary }: OfflineServers): string {
  const address = secondary === undefined ? '' : ` ${formatIpv4(secondary)}`;
  const origin = secondary === server + 1 ? ' (primary + 1, the default)' : '';
  return `the secondary address${address} of server ${text} does not answer as that server does${origin}`;
}

const offlineSentences: Readonly<Record<OfflineReason, (server: string, servers: OfflineServers) => string>> = {
  'no-route': (server) => `this host has no IPv4 route to ${server}`,
  'server-silent': (server) => `server ${server} does not answer`,
  'no-authenticated-answer': (server) => `server ${server} sent no answer authenticated with this client's secret`,
  'secondary-silent': secondarySilent,
  symmetric: (server) => `server ${server} sees two different ports, so this host is behind a symmetric NAT`,
  'mapped-not-global': (server) => `server ${server} sees this host at an address that is not global`,
  'turn-unavailable': () => 'no TURN server gives this client an allocation',
};

export const offlineReasonNames: readonly string[] = Object.keys(offlineSentences);

const failureSentences: Readonly<Record<AuthenticationFailure, (identifier?: string) => string>> = {
  'no-identifier': () =>
    'it names no client identifier, and require-secure is true. Give the client an identifier and a secret',
  'unknown-identifier': (identifier) =>
    `client-keys has no client "${identifier}". Add it there, or correct the client's client-identifier`,
  'wrong-secret': (identifier) =>
    `client "${identifier}" used another secret or algorithm than client-keys has for it. Compare the two`,
};

/** Completes "Not using Teredo: ...". */
export function disabledDescription(reason: DisabledReason, evidence: string | undefined): string {
  return disabledSentences[reason](evidence);
}

const disabledSentences: Readonly<Record<DisabledReason, (evidence?: string) => string>> = {
  'switched-off': () => 'the key enabled is false',
  'managed-network': (evidence) =>
    `this host is a member of a managed domain: ${evidence} exists (key managed-network)`,
  'native-ipv6': (evidence) => `this host has the IPv6 address ${evidence} (key native-ipv6)`,
  idle: (evidence) => `this host has sent nothing through it for ${evidence} (key idle-timeout)`,
  'other-preferred': (evidence) => `the global IPv4 address ${evidence} offers a preferred way to IPv6`,
};

export const disabledReasonNames: readonly string[] = Object.keys(disabledSentences);

function determined(event: Extract<EngineEvent, { kind: 'refresh-interval-determined' }>): LogLine {
  const { kind, refreshIntervalMs, keptMs, forgottenMs } = event;
  const fields = {
    refreshIntervalMs,
    ...(keptMs !== undefined && { keptMs }),
    ...(forgottenMs !== undefined && { forgottenMs }),
  };
  const refreshing = `refreshing every ${refreshIntervalMs / 1000} s`;
  if (keptMs !== undefined) {
    const limit = forgottenMs === undefined ? '' : ` and forgets them within ${forgottenMs / 1000} s`;
    return line(
      'info',
      `The NAT keeps idle mappings for at least ${keptMs / 1000} s${limit}; ${refreshing}.`,
      kind,
      fields,
    );
  }
  if (forgottenMs !== undefined) {
    const sentence = `The NAT forgets idle mappings within ${forgottenMs / 1000} s; ${refreshing}, and peers may lose this host in between.`;
    return line('warn', sentence, kind, fields);
  }
  const sentence = `Could not measure how long the NAT keeps idle mappings, because the second port got no address; ${refreshing}.`;
  return line('info', sentence, kind, fields);
}

/** The remedy or end of each reason. */
const enabledSentences: Readonly<Record<DisabledReason, string>> = {
  'switched-off': 'the key enabled is true',
  'managed-network': 'this host is no longer a member of a managed domain',
  'native-ipv6': 'native IPv6 is gone',
  idle: 'this host has a packet for the tunnel',
  'other-preferred': 'the preferred way to IPv6 is gone',
};

function assigned(event: Extract<EngineEvent, { kind: 'address-assigned' }>): LogLine {
  const address = formatIpv6(event.address);
  const server = formatIpv4(event.server);
  const mapped = formatEndpoint(event.mapped);
  const sentence = `Teredo address ${address}: server ${server}, mapped to ${mapped}, MTU ${event.mtu}; ${natDescriptions[event.nat]}.`;
  return line('info', sentence, event.kind, { address, server, mapped, nat: event.nat, mtu: event.mtu });
}

function line(level: LogLine['level'], sentence: string, event: string, fields: LogLine['fields'] = {}): LogLine {
  return { level, sentence, fields: { event, ...fields } };
}

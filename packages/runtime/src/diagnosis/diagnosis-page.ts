import {
  formatEndpoint,
  formatIpv4,
  formatIpv6,
  type Ipv4Endpoint,
  type Ipv4Value,
  type Ipv6Value,
} from '@navalis/address';
import { symmetricNatKinds } from '@navalis/nat';
import type { Findings, NativeAnswer, SocketMapping, Stage, Verdict } from '@navalis/nat-probe';
import { describeServer, type ResolvedServer } from '../host/names/resolve-servers.ts';
import type { AskedServer } from './diagnose.ts';

/** Formats the progress of a diagnosis as lines for people, as soon as each result is known. */
export function serverLines({ server, isInUse, choices }: AskedServer, local: Ipv4Value): readonly string[] {
  const choice = isInUse ? 'the running client uses it' : `the first of ${choices}: no running client uses one of them`;
  return [
    line('Server', `${describeServer(server)}, secondary address ${secondaryText(server)}`),
    ...(isInUse || choices > 1 ? [line('', choice)] : []),
    line('UDP out', `from ${formatIpv4(local)}`),
  ];
}

/** The result of a finished stage. */
export interface StageOutcome {
  readonly findings: Findings;
  readonly verdict: Verdict;
  readonly nativeTarget: Ipv6Value | undefined;
  readonly otherNativeTarget?: Ipv6Value | undefined;
}

export function stageLines(
  stage: Stage,
  { findings, verdict, nativeTarget, otherNativeTarget }: StageOutcome,
): readonly string[] {
  switch (stage) {
    case 'mapping': {
      const [main] = findings.mappings;
      const answered = answers(findings.mappings, 'byPrimary') || answers(findings.mappings, 'bySecondary');
      return [
        line('Primary', seenText(main?.byPrimary, answers(findings.mappings, 'byPrimary'))),
        line('Secondary', seenText(main?.bySecondary, answers(findings.mappings, 'bySecondary'))),
        ...(answered ? [line('Mapping', mappingText(verdict))] : []),
      ];
    }
    case 'forwarding':
      return [line('Forwarding', forwardingText(findings))];
    case 'filtering':
      return [
        line('Filtering', filteringText(findings)),
        ...(findings.displacesMapping === true
          ? [line('', 'a peer that sends first is answered from another port')]
          : []),
      ];
    case 'hairpinning':
      return [line('Hairpinning', hairpinningText(findings))];
    case 'native':
      return [line('Native host', `${formatIpv6(nativeTarget!)} ${nativeText(findings.native)}`)];
    case 'other-native':
      return [line('Another', `${formatIpv6(otherNativeTarget!)} ${nativeText(findings.otherNative)}`)];
    case 'size':
      return [line('1280 octets', sizeText(findings))];
    case 'lifetime':
      return [line('Lifetime', lifetimeText(findings))];
  }
}

/** The verdict, which comes before its evidence. */
export function verdictLines({ nat, meaning, advice }: Verdict, conclusion: string): readonly string[] {
  return [`Verdict: ${conclusion}`, `NAT: ${nat}`, meaning, ...(advice === '' ? [] : [advice]), ''];
}

/** Shown when the control measurement failed too. */
const notSeen = 'not seen: too much was lost';

/** Returns a line with the name of a finding before it. */
export function line(name: string, text: string): string {
  return `  ${name.padEnd(12)} ${text}`;
}

function answers(mappings: readonly SocketMapping[], which: 'byPrimary' | 'bySecondary'): boolean {
  return mappings.some((mapping) => mapping[which] !== undefined);
}

function seenText(mapped: Ipv4Endpoint | undefined, answered: boolean): string {
  if (mapped === undefined) return answered ? 'answers' : 'no answer';
  return `answers, sees ${formatEndpoint(mapped)}`;
}

function mappingText({ nat, preservesPorts, portStep }: Verdict): string {
  if (nat === 'none') return 'none: the server sees the own address';
  if (nat === 'half-blocked') return 'not seen: it takes both addresses of the server';
  const ports = preservesPorts === true ? 'ports are kept' : 'ports are changed';
  if (symmetricNatKinds.every((kind) => kind !== nat)) return `one for all destinations, ${ports}`;
  return `another one for each destination, ${portStep === undefined ? ports : `ports ${portStep} apart`}`;
}

function secondaryText({ primary, secondary }: ResolvedServer): string {
  const text = formatIpv4(secondary);
  return secondary === primary + 1 ? `${text} (primary + 1, unless server-secondary names another)` : text;
}

function forwardingText({ throughServer }: Findings): string {
  if (throughServer === 'passes') return 'the server passes bubbles on';
  return throughServer === 'filtered' ? 'the server answers, but passes no bubbles on' : notSeen;
}

function filteringText({ fromUnknownAddress, fromOtherPort }: Findings): string {
  if (fromUnknownAddress === 'passes') return 'any endpoint can reach this host';
  if (fromUnknownAddress !== 'filtered' || fromOtherPort === undefined || fromOtherPort === 'unknown') return notSeen;
  return fromOtherPort === 'passes'
    ? 'only addresses that this host has contacted can reach it'
    : 'only endpoints that this host has contacted can reach it';
}

function hairpinningText({ hairpins }: Findings): string {
  if (hairpins === undefined) return notSeen;
  return hairpins ? 'yes' : 'no';
}

export function nativeText(answer: NativeAnswer | undefined): string {
  switch (answer) {
    case 'answers':
      return 'answers an echo through a relay';
    case 'relay-only':
      return 'sends no answer, but a relay sends bubbles';
    case 'silent':
      return 'sends no answer: there is no route to a relay, no relay, or the server has no IPv6';
    default:
      return notSeen;
  }
}

function sizeText({ largePackets, largestPacket }: Findings): string {
  if (largePackets === 'passes') return 'pass both ways';
  if (largePackets !== 'filtered') return notSeen;
  const passing = largestPacket === undefined ? 'small packets' : `packets of ${largestPacket} octets`;
  return `are lost, while ${passing} pass`;
}

function lifetimeText({ survivedSeconds, expiredSeconds }: Findings): string {
  if (expiredSeconds === undefined) {
    return survivedSeconds === undefined ? 'not seen' : `longer than ${survivedSeconds} s without traffic`;
  }
  if (survivedSeconds === undefined) return `shorter than ${expiredSeconds} s without traffic`;
  return `between ${survivedSeconds} and ${expiredSeconds} s without traffic`;
}

import { formatIpv4, type Ipv4Endpoint, type Ipv4Value } from '@navalis/address';
import type { Findings, SocketMapping, Stage, Verdict } from '@navalis/nat-probe';
import { describeServer, type ResolvedServer } from '../host/resolve-servers.ts';

/** Lines for people, as soon as they are known. */
export function serverLines(server: ResolvedServer, local: Ipv4Value): readonly string[] {
  return [
    line('Server', `${describeServer(server)}, second address ${formatIpv4(server.secondary)}`),
    line('UDP out', `from ${formatIpv4(local)}`),
  ];
}

export function stageLines(stage: Stage, findings: Findings, verdict: Verdict): readonly string[] {
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
    case 'filtering':
      return [line('Filtering', filteringText(findings))];
    case 'hairpinning':
      return [line('Hairpinning', findings.hairpins === true ? 'yes' : 'no')];
    case 'lifetime':
      return [line('Lifetime', lifetimeText(findings))];
  }
}

export function verdictLines({ nat, meaning, advice }: Verdict): readonly string[] {
  return ['', `NAT: ${nat}`, meaning, ...(advice === '' ? [] : [advice])];
}

function line(name: string, text: string): string {
  return `  ${name.padEnd(12)} ${text}`;
}

function answers(mappings: readonly SocketMapping[], which: 'byPrimary' | 'bySecondary'): boolean {
  return mappings.some((mapping) => mapping[which] !== undefined);
}

function seenText(mapped: Ipv4Endpoint | undefined, answered: boolean): string {
  if (mapped === undefined) return answered ? 'answers' : 'no answer';
  return `answers, sees ${formatIpv4(mapped.address)}:${mapped.port}`;
}

function mappingText({ nat, isUsable, preservesPorts, portStep }: Verdict): string {
  if (nat === 'none') return 'none: the server sees the own address';
  if (nat === 'half-blocked') return 'not seen: it takes both addresses of the server';
  const ports = preservesPorts === true ? 'ports are kept' : 'other ports outside';
  if (isUsable) return `one for all destinations, ${ports}`;
  return `another one for each destination, ${portStep === undefined ? ports : `ports ${portStep} apart`}`;
}

function filteringText({ fromStranger, fromOtherPort }: Findings): string {
  if (fromStranger === 'passes') return 'everybody comes in';
  if (fromStranger !== 'filtered' || fromOtherPort === undefined || fromOtherPort === 'unknown') {
    return 'not seen: the server forwards no bubbles';
  }
  return fromOtherPort === 'passes'
    ? 'whose address was sent to comes in'
    : 'whose address and port was sent to comes in';
}

function lifetimeText({ survivedSeconds, expiredSeconds }: Findings): string {
  if (expiredSeconds === undefined) {
    return survivedSeconds === undefined ? 'not seen' : `longer than ${survivedSeconds} s without traffic`;
  }
  if (survivedSeconds === undefined) return `shorter than ${expiredSeconds} s without traffic`;
  return `between ${survivedSeconds} and ${expiredSeconds} s without traffic`;
}

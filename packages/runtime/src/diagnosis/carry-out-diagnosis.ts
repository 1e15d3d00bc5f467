import { classifyIpv6, type Ipv6Value, parseIpv6 } from '@navalis/address';
import type { ClientConfiguration } from '@navalis/config';
import { verdictOf } from '@navalis/nat-probe';
import { NavalisError } from '../navalis-error.ts';
import { hostTime } from '../scheduling/time.ts';
import { diagnose } from './diagnose.ts';
import { serverLines, stageLines, verdictLines } from './diagnosis-page.ts';
import { diagnosisReport } from './diagnosis-report.ts';
import { exitStatusOf } from './exit-status.ts';

export interface DiagnosisRequest {
  readonly isJson: boolean;
  /** The text of `--lifetime`. */
  readonly lifetime: string | undefined;
  /** The text of `--native-target`. */
  readonly nativeTarget: string | undefined;
}

/** Google Public DNS: reachable worldwide, answers echo requests, and keeps its address. */
const defaultNativeTarget = '2001:4860:4860::8888';

/** Diagnoses, prints, and returns the exit status. @throws NavalisError as `diagnose` does, and `configuration`. */
export async function carryOutDiagnosis(
  configuration: ClientConfiguration,
  { isJson, lifetime, nativeTarget: target = defaultNativeTarget }: DiagnosisRequest,
): Promise<number> {
  const lifetimeLimitSeconds = lifetimeFrom(lifetime);
  const nativeTarget = nativeTargetFrom(target);
  const print = (lines: readonly string[]): void => {
    if (!isJson) process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  };
  const diagnosis = await diagnose(
    configuration,
    { lifetimeLimitSeconds, nativeTarget, time: hostTime },
    {
      resolved: (server, local) => print(serverLines(server, local)),
      stageDone: (stage, findings) =>
        print(stageLines(stage, { findings, verdict: verdictOf(findings), nativeTarget })),
      skipped: (error) => process.stderr.write(`teredo-client: ${error.message}\n`),
    },
  );
  if (isJson) process.stdout.write(`${JSON.stringify(diagnosisReport(diagnosis), undefined, 2)}\n`);
  print(verdictLines(diagnosis.verdict));
  if (diagnosis.refusal !== undefined) print([`This host itself refused to send: ${diagnosis.refusal}.`]);
  return exitStatusOf(diagnosis.verdict);
}

function lifetimeFrom(text: string | undefined): number {
  if (text === undefined) return 0;
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 20 && seconds <= 600) return seconds;
  throw new NavalisError('configuration', `--lifetime "${text}" must be a whole number of seconds from 20 to 600.`);
}

function nativeTargetFrom(text: string): Ipv6Value | undefined {
  if (text === 'none') return undefined;
  const target = parseIpv6(text);
  const kind = target && classifyIpv6(target);
  if (kind === 'global' || kind === '6to4') return target;
  throw new NavalisError(
    'configuration',
    `--native-target "${text}" must be a global IPv6 address outside 2001::/32, or none.`,
  );
}

import type { ClientConfiguration } from '@navalis/config';
import { NavalisError } from '@navalis/engine';
import { verdictOf } from '@navalis/nat-probe';
import { diagnose } from './diagnose.ts';
import { serverLines, stageLines, verdictLines } from './diagnosis-page.ts';
import { diagnosisReport } from './diagnosis-report.ts';
import { exitStatusOf } from './exit-status.ts';

export interface DiagnosisRequest {
  readonly isJson: boolean;
  /** The text of `--lifetime`. */
  readonly lifetime: string | undefined;
}

/** Diagnoses, prints, and answers the exit status. @throws NavalisError as `diagnose` does, and `configuration`. */
export async function carryOutDiagnosis(
  configuration: ClientConfiguration,
  { isJson, lifetime }: DiagnosisRequest,
): Promise<number> {
  const seconds = lifetimeFrom(lifetime);
  const print = (lines: readonly string[]): void => {
    if (!isJson) process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  };
  const diagnosis = await diagnose(configuration, seconds, {
    resolved: (server, local) => print(serverLines(server, local)),
    stageDone: (stage, findings) => print(stageLines(stage, findings, verdictOf(findings))),
    skipped: (error) => process.stderr.write(`teredo-client: ${error.message}\n`),
  });
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

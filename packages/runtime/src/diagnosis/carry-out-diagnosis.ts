import { classifyIpv6, type Ipv4Value, type Ipv6Value, parseIpv6 } from '@navalis/address';
import {
  type ClientConfiguration,
  type ConfigurationSources,
  ipv4PolicyOf,
  loadConfiguration,
  type Role,
} from '@navalis/config';
import { verdictOf } from '@navalis/nat-probe';
import { lookUpIpv4 } from '../host/names/look-up-name.ts';
import { describeServer, type NameLookup, type ResolvedServer } from '../host/names/resolve-servers.ts';
import { hostRoutes } from '../host/routes/route-probe.ts';
import { NavalisError } from '../navalis-error.ts';
import type { SubcommandCall } from '../program/subcommand.ts';
import { hostTime } from '../scheduling/time.ts';
import { askRouter } from './ask-router.ts';
import { diagnose } from './diagnose.ts';
import { line, nativeText, serverLines, stageLines, verdictLines } from './diagnosis-page.ts';
import { diagnosisReport } from './diagnosis-report.ts';
import { conclusionOf, exitStatusOf } from './exit-status.ts';
import { hostLines, lookAtHost } from './host-findings.ts';
import { mechanismLines, reachLines } from './mechanism-lines.ts';
import { type Circumstances, mechanismsOf, peerReach, usesTurn } from './mechanisms.ts';
import { serverInUse } from './server-in-use.ts';
import { tryTurnServers } from './try-turn-servers.ts';

export interface DiagnosisRequest {
  /** The role of the program that the user called. */
  readonly role: Role;
  readonly isJson: boolean;
  /** The text of `--lifetime`. */
  readonly lifetime: string | undefined;
  /** The text of `--native-target`. */
  readonly nativeTarget: string | undefined;
}

/** The options of the command. */
interface DiagnosisOptions {
  readonly json?: true;
  readonly lifetime?: string;
  readonly nativeTarget?: string;
}

/** Google Public DNS and Cloudflare: reachable worldwide, answer echo requests, and keep their addresses. */
const defaultNativeTargets = '2001:4860:4860::8888,2606:4700:4700::1111';

/** Runs the command `diagnose`; as `carryOutDiagnosis`. @throws NavalisError also as `loadConfiguration` does. */
export async function diagnoseHost({ program: { role }, sources, options }: SubcommandCall): Promise<number> {
  const { json, lifetime, nativeTarget }: DiagnosisOptions = options;
  const configuration = role === 'host-relay' ? clientOf(sources) : loadConfiguration('client', sources);
  return carryOutDiagnosis(configuration, { role, isJson: json === true, lifetime, nativeTarget });
}

/** Returns the configuration of a host-specific relay's client. */
function clientOf(sources: ConfigurationSources): ClientConfiguration {
  const { client } = loadConfiguration('host-relay', sources);
  if (client !== undefined) return client;
  throw new NavalisError(
    'configuration',
    'This program asks no server, so there is nothing to diagnose: mode is "relay". Set mode to "auto", or use "teredo-client diagnose".',
  );
}

/** Diagnoses, prints, and returns the exit status. @throws NavalisError as `diagnose` does, and `configuration`. */
export async function carryOutDiagnosis(
  configuration: ClientConfiguration,
  { role, isJson, lifetime, nativeTarget: targets = defaultNativeTargets }: DiagnosisRequest,
): Promise<number> {
  const lifetimeLimitSeconds = lifetimeFrom(lifetime);
  const [nativeTarget, otherNativeTarget] = nativeTargetsFrom(targets);
  // The verdict comes first, so the evidence waits for it.
  const evidence: string[] = [];
  const print = (lines: readonly string[]): void => void evidence.push(...lines);
  if (process.stderr.isTTY) process.stderr.write('Measuring for 10 to 20 seconds.\n');
  const { symmetricNatSupport } = configuration.engine.extensions;
  const tell = (error: NavalisError): void => void process.stderr.write(`teredo-${role}: ${error.message}\n`);
  const inUse = await serverInUse(configuration, tell);
  // Beside the probe, which they neither need nor disturb.
  let trials: Promise<Trials> | undefined;
  const diagnosis = await diagnose(
    configuration,
    { role, lifetimeLimitSeconds, nativeTarget, otherNativeTarget, symmetricNatSupport, time: hostTime, inUse },
    {
      resolved: (asked, local) => {
        trials = tryMechanisms(configuration, asked.server, local);
        print(serverLines(asked, local));
      },
      stageDone: (stage, findings) =>
        print(
          stageLines(stage, {
            findings,
            verdict: verdictOf(findings, symmetricNatSupport),
            nativeTarget,
            otherNativeTarget,
          }),
        ),
      otherServerAsked: (other, answer) =>
        print([line('Other server', `through ${describeServer(other)} the native host ${nativeText(answer)}`)]),
      skipped: tell,
    },
  );
  const circumstances = { configuration, ...diagnosis, ...(await trials!) };
  const { router, turn, host } = circumstances;
  const status = exitStatusOf(diagnosis.verdict, usesTurn(circumstances));
  if (isJson) {
    process.stdout.write(`${JSON.stringify(diagnosisReport(diagnosis, circumstances), undefined, 2)}\n`);
    return status;
  }
  print(hostLines(host, configuration));
  print(mechanismLines(mechanismsOf(circumstances), router, turn, configuration));
  print(reachLines(peerReach(circumstances)));
  if (diagnosis.refusal !== undefined) print([`This host itself refused to send: ${diagnosis.refusal}.`]);
  const lines = [...verdictLines(diagnosis.verdict, conclusionOf(status)), ...evidence];
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  return status;
}

type Trials = Pick<Circumstances, 'router' | 'turn' | 'host'>;

/** Asks the router and the TURN servers, and looks at this host, at once. Never rejects. */
async function tryMechanisms(
  configuration: ClientConfiguration,
  { primary, secondary }: ResolvedServer,
  local: Ipv4Value,
): Promise<Trials> {
  const lookUpName: NameLookup = (name) => lookUpIpv4(name, hostTime);
  const permitted = [primary, secondary];
  const turnParts = { permitted, policy: ipv4PolicyOf(configuration), lookUpName, time: hostTime };
  const [router, turn, host] = await Promise.all([
    askRouter({ configuration, server: primary, local, routes: hostRoutes, time: hostTime }),
    configuration.turn === undefined ? [] : tryTurnServers({ turn: configuration.turn, ...turnParts }),
    lookAtHost(),
  ]);
  return { router, turn, host };
}

function lifetimeFrom(text: string | undefined): number {
  if (text === undefined) return 0;
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 20 && seconds <= 600) return seconds;
  throw new NavalisError('configuration', `--lifetime "${text}" must be a whole number of seconds from 20 to 600.`);
}

/** Returns the native host to ping, and one for the case of silence. */
function nativeTargetsFrom(text: string): readonly Ipv6Value[] {
  if (text === 'none') return [];
  const targets = text.split(',').flatMap((each) => parseIpv6(each.trim()) ?? []);
  const isAllowed = (target: Ipv6Value) => ['global', '6to4'].includes(classifyIpv6(target));
  if (targets.length === text.split(',').length && targets.length <= 2 && targets.every(isAllowed)) return targets;
  throw new NavalisError(
    'configuration',
    `--native-target "${text}" must be a global IPv6 address outside 2001::/32, or two with a comma between, or none.`,
  );
}

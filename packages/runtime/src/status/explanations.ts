import type { Role } from '@navalis/config';
import type { TurnFailure } from '@navalis/engine';
import {
  disabledExplanations,
  natDescriptions,
  offlineExplanationsOf,
  turnFailureSentence,
  turnFailures,
} from '@navalis/telemetry';
import { dropExplanationsOf } from '../health/drop-explanations.ts';
import { protocolNames } from '../roles/client/port-mapping/mapping-sentences.ts';
import { waitingDescriptions } from '../waiting/needs.ts';
import { pathTexts } from './status-page.ts';

/** The output of `/explanations`: the meaning of names in a status for people. */
interface Explanations {
  readonly disabled: typeof disabledExplanations;
  readonly drops: ReturnType<typeof dropExplanationsOf>;
  readonly mappings: typeof protocolNames;
  readonly nats: typeof natDescriptions;
  readonly offline: ReturnType<typeof offlineExplanationsOf>;
  readonly paths: typeof pathTexts;
  readonly turnFailures: Readonly<Record<TurnFailure, string>>;
  readonly waiting: typeof waitingDescriptions;
}

const failures = Object.keys(turnFailures) as TurnFailure[];

/** Returns the explanations of the program `teredo-<role>`; cures of off-line clients name a program that can run one. */
export function explanationsOf(role: Role): Explanations {
  return {
    disabled: disabledExplanations,
    drops: dropExplanationsOf(role),
    mappings: protocolNames,
    nats: natDescriptions,
    offline: offlineExplanationsOf(role === 'host-relay' ? role : 'client'),
    paths: pathTexts,
    turnFailures: Object.fromEntries(
      failures.map((failure) => [failure, turnFailureSentence(failure)]),
    ) as Explanations['turnFailures'],
    waiting: waitingDescriptions,
  };
}

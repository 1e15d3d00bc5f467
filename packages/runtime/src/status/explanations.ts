import { natDescriptions, turnFailureSentences } from '@navalis/telemetry';
import { dropExplanations } from '../health/drop-explanations.ts';
import { protocolNames } from '../roles/client/port-mapping/mapping-sentences.ts';
import { waitingDescriptions } from '../waiting/needs.ts';
import { pathTexts } from './status-page.ts';

/** The output of `/explanations`: the meaning of names in a status for people. */
export const explanations: {
  readonly drops: typeof dropExplanations;
  readonly mappings: typeof protocolNames;
  readonly nats: typeof natDescriptions;
  readonly paths: typeof pathTexts;
  readonly turnFailures: typeof turnFailureSentences;
  readonly waiting: typeof waitingDescriptions;
} = {
  drops: dropExplanations,
  mappings: protocolNames,
  nats: natDescriptions,
  paths: pathTexts,
  turnFailures: turnFailureSentences,
  waiting: waitingDescriptions,
};

import { disabledExplanations, natDescriptions, offlineExplanations, turnFailureSentences } from '@navalis/telemetry';
import { dropExplanations } from '../health/drop-explanations.ts';
import { protocolNames } from '../roles/client/port-mapping/mapping-sentences.ts';
import { waitingDescriptions } from '../waiting/needs.ts';
import { pathTexts } from './status-page.ts';

/** The output of `/explanations`: the meaning of names in a status for people. */
export const explanations: {
  readonly disabled: typeof disabledExplanations;
  readonly drops: typeof dropExplanations;
  readonly mappings: typeof protocolNames;
  readonly nats: typeof natDescriptions;
  readonly offline: typeof offlineExplanations;
  readonly paths: typeof pathTexts;
  readonly turnFailures: typeof turnFailureSentences;
  readonly waiting: typeof waitingDescriptions;
} = {
  disabled: disabledExplanations,
  drops: dropExplanations,
  mappings: protocolNames,
  nats: natDescriptions,
  offline: offlineExplanations,
  paths: pathTexts,
  turnFailures: turnFailureSentences,
  waiting: waitingDescriptions,
};

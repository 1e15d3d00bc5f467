/**
 * How a Teredo client gets its address and keeps it (RFC 4380 sections 5.2.1 to 5.2.7).
 *
 * - {@link Qualification} is the machine: solicitations, retries, refreshes, change of servers.
 * - {@link Assignment} is what a server assigned: the address and the mapped endpoint.
 * - {@link IntervalDetermination} finds out how long the NAT keeps an idle mapping.
 *
 * @packageDocumentation
 */

export {
  type DeterminationOutputs,
  type DeterminedInterval,
  IntervalDetermination,
} from './interval/interval-determination.ts';
export type { RefreshSearch } from './interval/refresh-search.ts';
export type { PeerWitness, QualificationOptions, QualificationOutputs, ServerOrder, TeredoServer } from './options.ts';
export { Qualification } from './qualification.ts';
export type { KnownNonces } from './solicitation/advertisement.ts';
export type { EchoSolicitor } from './solicitation/echo-solicitor.ts';
export { type Assignment, type ConnectivityStatus, connectivityStatus, type QualificationState } from './state.ts';

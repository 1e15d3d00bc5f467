import type { EndpointText } from '@navalis/address';
import type { DatagramExplanation } from './datagram/explanation.ts';

/** A Teredo datagram, or one on Teredo's port that is none. */
export interface ExplainedDatagram extends DatagramExplanation {
  readonly kind: 'datagram';
  /** The number of its packet in the input, from 1 on. */
  readonly number: number;
  /** Milliseconds since 1970, in captures only. */
  readonly atMs?: number;
  /** Absent where the input has the UDP payload alone. */
  readonly from?: EndpointText;
  readonly to?: EndpointText;
}

/** A fragment of an IPv4 packet that carries UDP: it is not put together with the others. */
export interface ExplainedFragment {
  readonly kind: 'fragment';
  readonly number: number;
  readonly atMs?: number;
  readonly from: string;
  readonly to: string;
  /** The offset of its first octet in the whole IPv4 payload. */
  readonly offset: number;
}

/** The last finding. */
export interface InputSummary {
  readonly kind: 'summary';
  readonly format: 'pcap' | 'pcapng' | 'hex' | 'unknown';
  readonly packets: number;
  /** Teredo datagrams, those with a `dropReason` included. */
  readonly datagrams: number;
  /** Those with a `dropReason`. */
  readonly dropped: number;
  readonly fragments: number;
  /** UDP packets on Teredo's port of which the capture has the beginning only. */
  readonly cut: number;
  /** Anything else. */
  readonly others: number;
  /** A whole sentence that says why the input could not be read to its end; absent if it was. */
  readonly problem?: string;
}

export type Finding = ExplainedDatagram | ExplainedFragment | InputSummary;

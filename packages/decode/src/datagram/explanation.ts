import type { EndpointText } from '@navalis/address';
import type { DropReason } from '@navalis/engine';
import type { TrailerExplanation } from './explain-trailers.ts';
import type { InnerPacketExplanation } from './inner-packet.ts';

/** The elements of one UDP payload, in their order. */
export interface DatagramExplanation {
  readonly octets: number;
  /** Why every receiver drops it, whatever its state; absent if it may be accepted. */
  readonly dropReason?: DropReason;
  readonly authentication?: {
    /** In hex; absent if it is empty. */
    readonly clientIdentifier?: string;
    /** In hex; absent if it is empty. */
    readonly value?: string;
    /** 16 hex digits. */
    readonly nonce: string;
    /** 0: the client's key is valid; anything else: it should be renewed. */
    readonly confirmation: number;
  };
  readonly origin?: EndpointText;
  /** Absent if the datagram is malformed. */
  readonly packet?: InnerPacketExplanation;
  readonly trailers?: readonly TrailerExplanation[];
  /** Octets after the packet that are no trailers, in hex. */
  readonly remainder?: string;
}

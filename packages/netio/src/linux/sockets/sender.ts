import type { DropSink } from '../../drop-sink.ts';

/** The longest payload of UDP over IPv4. */
export const maximumPayloadOctets = 65_507;

/** One socket as a batch sees it that several share: where its messages leave, and what its way out was found to bear. */
export class Sender {
  /** -1 once the socket is closed. */
  descriptor: number;
  readonly drops: DropSink;
  /** Whether datagrams to one endpoint may leave as one message that the kernel cuts (`UDP_SEGMENT`). */
  joins: boolean;
  /** Segments longer than this are not joined: the path of an earlier one was narrower. */
  joinableOctets: number = maximumPayloadOctets;
  /** Messages that went alone since. */
  messagesAlone = 0;

  constructor(descriptor: number, drops: DropSink, joins: boolean) {
    this.descriptor = descriptor;
    this.drops = drops;
    this.joins = joins;
  }
}

import { createPacketRun, type PacketRun } from '@navalis/engine';
import { BubbleTrailers, DatagramLayout, InnerHeader } from '@navalis/wire';

// Views of the one datagram that is handled. All engines of a thread share them, since each call handles one.
export const receivedLayout: DatagramLayout = new DatagramLayout();
export const receivedHeader: InnerHeader = new InnerHeader();
export const receivedTrailers: BubbleTrailers = new BubbleTrailers();
export const strippedPacket: PacketRun = createPacketRun(new Uint8Array(0));

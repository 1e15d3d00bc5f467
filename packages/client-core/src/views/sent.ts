import { InnerHeader } from '@navalis/wire';

/** The view of the one packet of the host that is handled. All engines of a thread share it, since each call handles one. */
export const sentHeader: InnerHeader = new InnerHeader();

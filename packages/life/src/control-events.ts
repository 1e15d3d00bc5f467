import type { Ipv4Value } from '@navalis/address';

/** Why a client does nothing although its program runs (CL-U). */
export type DisabledReason = 'switched-off' | 'managed-network' | 'native-ipv6' | 'other-preferred' | 'idle';

/** An event that the control plane reports to the user, in addition to the events of engines. */
export type ControlEvent =
  /** A configured name resolves to other addresses than before (SEC-32); `before` is empty if it did not resolve. */
  | {
      readonly kind: 'server-moved';
      readonly name: string;
      readonly before: readonly Ipv4Value[];
      readonly servers: readonly Ipv4Value[];
    }
  /** The client has no socket until the reason is gone, and no interface unless it is merely idle. */
  | {
      readonly kind: 'disabled';
      readonly reason: DisabledReason;
      /** The evidence of the reason, such as an address. */
      readonly evidence: string | undefined;
    }
  /** The client starts: no reason to be disabled is left. `reason` is the last one. */
  | { readonly kind: 'enabled'; readonly reason: DisabledReason };

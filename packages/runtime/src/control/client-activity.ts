import type { Ipv6Value } from '@navalis/address';
import type { HostAddresses } from '../host/host-addresses.ts';
import type { StatusReport } from '../status/status-report.ts';

/** What a client that nothing hinders is at: a run with a socket, or standby without. */
export interface ClientActivity {
  start(): Promise<void>;
  hostChanged(host: HostAddresses): Promise<void>;
  resumed(sleptMs: number): void;
  status(): Promise<StatusReport>;
  /** Resolves when nothing of it is left on this host. */
  stop(): Promise<void>;
}

/** What the interface of a client carries. */
export interface CarriedAddress {
  readonly address: Ipv6Value;
  /** Link MTU in octets. */
  readonly mtu: number;
}

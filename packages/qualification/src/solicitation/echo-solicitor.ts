import type { DatagramRun, DropReason, PortId } from '@navalis/engine';
import type { DatagramLayout } from '@navalis/wire';
import type { ServerList } from '../servers/server-list.ts';
import type { KnownNonces } from './advertisement.ts';
import type { Solicitor } from './solicitor.ts';

/** Solicits the server in use from other ports than the service port, for echo tests (RFC 6081 5.5.4.1.1). */
export class EchoSolicitor {
  readonly #servers: ServerList;
  readonly #solicitor: Solicitor;

  constructor(servers: ServerList, solicitor: Solicitor) {
    this.#servers = servers;
    this.#solicitor = solicitor;
  }

  /** Sends one solicitation from this port, to the primary or secondary address. */
  solicit(from: PortId, isSecondary: boolean, nonce: Uint8Array): void {
    const { primary, secondary } = this.#servers.inUse;
    this.#solicitor.send(isSecondary ? secondary : primary, nonce, from);
  }

  /** Returns the external port in an answer to such a solicitation, or why it is dropped. Changes nothing (SPS-18). */
  judge(run: DatagramRun, layout: DatagramLayout, isSecondary: boolean, nonces: KnownNonces): number | DropReason {
    const server = this.#servers.inUse;
    const respondent = isSecondary ? server.secondary : server.primary;
    const learned = this.#solicitor.judge(run, layout, { server, respondent, nonces });
    return typeof learned === 'string' ? learned : learned.mapped.port;
  }
}

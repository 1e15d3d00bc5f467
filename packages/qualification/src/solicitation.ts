import { type Ipv4Value, type Ipv6Value, teredoPort } from '@navalis/address';
import { type Counters, createPacketRun, type EngineOutputs, type PacketRun, pointRunAt } from '@navalis/engine';
import { writeNonceAuthentication, writeRouterSolicitation } from '@navalis/wire';

/** Writes and sends router solicitations from memory of its own: nonce-only Authentication, then the solicitation. */
export class SolicitationSender {
  readonly #run: PacketRun = createPacketRun(new Uint8Array(128));
  readonly #outputs: Pick<EngineOutputs, 'sendDatagrams'>;
  readonly #counters: Counters;

  constructor(outputs: Pick<EngineOutputs, 'sendDatagrams'>, counters: Counters) {
    this.#outputs = outputs;
    this.#counters = counters;
  }

  send(server: Ipv4Value, source: Ipv6Value, nonce: Uint8Array): void {
    const { memory } = this.#run;
    const authenticationLength = writeNonceAuthentication(memory, 0, nonce);
    const solicitationLength = writeRouterSolicitation(memory, authenticationLength, source);
    pointRunAt(this.#run, 0, authenticationLength + solicitationLength);
    this.#counters.solicitationsSent++;
    this.#outputs.sendDatagrams(this.#run, server, teredoPort);
  }
}

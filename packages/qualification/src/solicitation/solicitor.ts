import { type Ipv4Value, type Ipv6Value, teredoPort } from '@navalis/address';
import { type Counters, createPacketRun, type EngineOutputs, type PacketRun, pointRunAt } from '@navalis/engine';
import { type MessageAuthenticator, writeNonceAuthentication, writeRouterSolicitation } from '@navalis/wire';

/** Writes and sends router solicitations from memory of its own: Authentication, nonce-only without a secret, then the solicitation. */
export class SolicitationSender {
  readonly #run: PacketRun = createPacketRun(new Uint8Array(512));
  readonly #outputs: Pick<EngineOutputs, 'sendDatagrams'>;
  readonly #counters: Counters;
  readonly #authenticator: MessageAuthenticator | undefined;

  constructor(
    outputs: Pick<EngineOutputs, 'sendDatagrams'>,
    counters: Counters,
    authenticator: MessageAuthenticator | undefined,
  ) {
    this.#outputs = outputs;
    this.#counters = counters;
    this.#authenticator = authenticator;
  }

  send(server: Ipv4Value, source: Ipv6Value, nonce: Uint8Array): void {
    const { memory } = this.#run;
    const authenticator = this.#authenticator;
    const packetOffset = authenticator?.begin(memory, 0, nonce, 0) ?? writeNonceAuthentication(memory, 0, nonce);
    const length = packetOffset + writeRouterSolicitation(memory, packetOffset, source);
    authenticator?.finish(memory, 0, length);
    pointRunAt(this.#run, 0, length);
    this.#counters.solicitationsSent++;
    this.#outputs.sendDatagrams(this.#run, server, teredoPort);
  }
}

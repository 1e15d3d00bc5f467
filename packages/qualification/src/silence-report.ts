import type { QualificationOutputs, TeredoServer } from './options.ts';
import type { Assignment } from './state.ts';

/** Reports once that a server is silent while the address stays, and once that it answers again. */
export class SilenceReport {
  readonly #outputs: Pick<QualificationOutputs, 'report'>;
  #isReported = false;

  constructor(outputs: Pick<QualificationOutputs, 'report'>) {
    this.#outputs = outputs;
  }

  begin({ server, address }: Assignment): void {
    if (!this.#isReported) this.#outputs.report({ kind: 'server-unheard', server: server.primary, address });
    this.#isReported = true;
  }

  end({ primary: server }: TeredoServer): void {
    if (this.#isReported) this.#outputs.report({ kind: 'server-heard', server });
    this.#isReported = false;
  }

  /** Another server or address is in use. */
  forget(): void {
    this.#isReported = false;
  }
}

import { formatIpv4 } from '@navalis/address';
import type { EngineEvent } from '@navalis/engine';
import type { Degradations } from '../../health/degradations.ts';

/** Reports in log, status and health that a client keeps its address although its server is silent. */
export function followServerSilence(event: EngineEvent, degradations: Degradations): void {
  switch (event.kind) {
    case 'server-unheard': {
      const evidence = formatIpv4(event.server);
      degradations.raise('server-silent', {
        sentence: `Server ${evidence} does not answer; the client keeps its address while peers answer.`,
        evidence,
        cure: 'New peers and native hosts may be unreachable until it answers. If this lasts, add another server to the key server.',
      });
      break;
    }
    case 'server-heard':
      degradations.clear('server-silent');
      break;
    case 'address-lost':
    case 'stopped':
      degradations.drop('server-silent');
      break;
  }
}

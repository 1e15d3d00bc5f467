import { formatIpv4 } from '@navalis/address';
import type { EngineEvent } from '@navalis/engine';
import type { Degradations } from '../../health/degradations.ts';

/** Says in log, status and health that a client keeps an address whose server is silent. */
export function followServerSilence(event: EngineEvent, degradations: Degradations): void {
  switch (event.kind) {
    case 'server-unheard': {
      const evidence = formatIpv4(event.server);
      degradations.raise('server-silent', {
        sentence: `Server ${evidence} does not answer; the address stays while peers are heard.`,
        evidence,
        cure: 'New peers and native hosts may not be reachable until it does. A second server in the list would take its place.',
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

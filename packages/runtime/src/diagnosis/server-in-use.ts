import { type Ipv4Value, parseIpv4 } from '@navalis/address';
import type { ClientConfiguration } from '@navalis/config';
import type { NavalisError } from '../navalis-error.ts';
import { askStatus } from '../status/ask-status.ts';

/**
 * Asks the client that runs on this host for the server that gave it its address. Returns undefined without one; `failed` receives the
 * error of a client that cannot be asked.
 */
export async function serverInUse(
  { statusSocket }: Pick<ClientConfiguration, 'statusSocket'>,
  failed: (error: NavalisError) => void,
  ask: typeof askStatus = askStatus,
): Promise<Ipv4Value | undefined> {
  try {
    const { address, server } = await ask(statusSocket);
    return address === undefined || server === undefined ? undefined : parseIpv4(server);
  } catch (error) {
    if ((error as NavalisError).code !== 'not-running') failed(error as NavalisError);
    return undefined;
  }
}

import type { Ipv4Value } from '@navalis/address';
import { type ClientConfiguration, ipv4PolicyOf } from '@navalis/config';
import { mappingProtocols, type ProtocolFinding, surveyRouter } from '@navalis/port-mapping';
import { freeUdpPort } from '../host/routes/free-port.ts';
import { gatewayOf, type RouteProbe } from '../host/routes/route-probe.ts';
import type { Time } from '../scheduling/time.ts';

/** The router on the way to a server, and what it can do. */
export interface RouterFindings {
  /** Undefined: none was found, or the server is on the same link. */
  readonly address: Ipv4Value | undefined;
  /** Empty without a router. */
  readonly protocols: readonly ProtocolFinding[];
}

export interface RouterQuestion {
  readonly configuration: ClientConfiguration;
  readonly server: Ipv4Value;
  readonly local: Ipv4Value;
  readonly routes: Pick<RouteProbe, 'nextHop'>;
  readonly time: Time;
}

/**
 * Asks the router for a mapping by the protocols that the key `port-mapping` allows, and removes it; by the others only whether it
 * speaks them. Never rejects.
 */
export async function askRouter(question: RouterQuestion): Promise<RouterFindings> {
  const { configuration, server, local, routes, time } = question;
  const { portMapping, bindAddress } = configuration;
  const gateway = gatewayOf(await routes.nextHop(server, bindAddress));
  if (gateway === undefined) return { address: undefined, protocols: [] };
  const port = await freeUdpPort(local, 0);
  const mapped = mappingProtocols.filter((protocol) => portMapping === 'auto' || portMapping === protocol);
  const route = { gateway, local: { address: local, port } };
  return {
    address: gateway,
    protocols: await surveyRouter({ route, mapped, policy: ipv4PolicyOf(configuration), time }),
  };
}

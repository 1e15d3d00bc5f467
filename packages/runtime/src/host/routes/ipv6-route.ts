import { createSocket } from 'node:dgram';
import { formatIpv6, type Ipv6Value } from '@navalis/address';
import { isNoRoute } from './local-address.ts';

/** The discard port: nothing is sent. */
const anyPort = 9;

/** Resolves with whether this host has a route to an IPv6 address, by all rules and tables. Rejects when the lookup fails. */
export function hasIpv6Route(destination: Ipv6Value): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp6');
    const end = (error?: NodeJS.ErrnoException) => {
      socket.close();
      if (error === undefined) resolve(true);
      else if (isNoRoute(error)) resolve(false);
      else reject(error);
    };
    socket.once('error', end);
    // The type declaration lacks the error parameter of the callback.
    socket.connect(anyPort, formatIpv6(destination), end as () => void);
  });
}

import { createSocket } from 'node:dgram';
import { formatIpv4, type Ipv4Value, parseIpv4, teredoPort } from '@navalis/address';

/** Errors of connect(2) without a route, and for routes of the kinds unreachable, blackhole and prohibit. */
const noRoute: readonly (string | undefined)[] = [
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENETDOWN',
  'EINVAL',
  'EACCES',
  'EADDRNOTAVAIL',
];

export function isNoRoute(error: NodeJS.ErrnoException): boolean {
  return noRoute.includes(error.code);
}

/**
 * Returns the local address that routing picks towards a destination, by all rules and tables; undefined when there is no
 * route. Sends nothing. With `source`, routes as for a socket bound to that address. Rejects when the lookup fails.
 */
export function localAddressTowards(destination: Ipv4Value, source: Ipv4Value = 0): Promise<Ipv4Value | undefined> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    const fail = (error: Error) => {
      socket.close();
      reject(error);
    };
    socket.once('error', fail);
    socket.bind({ address: formatIpv4(source), port: 0 }, () => {
      // The type declaration lacks the error parameter of the callback.
      const connected = (error?: NodeJS.ErrnoException) => {
        if (error === undefined) {
          const address = parseIpv4(socket.address().address);
          socket.close();
          resolve(address);
        } else if (isNoRoute(error)) {
          socket.close();
          resolve(undefined);
        } else {
          fail(error);
        }
      };
      socket.connect(teredoPort, formatIpv4(destination), connected);
    });
  });
}

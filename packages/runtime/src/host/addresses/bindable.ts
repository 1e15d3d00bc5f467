import { createSocket } from 'node:dgram';
import { formatIpv4, type Ipv4Value } from '@navalis/address';

/** Returns true if a UDP socket can be bound to an address: this host has it, or the kernel allows non-local binds. */
export function canBind(address: Ipv4Value): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const finish = (isPossible: boolean) => {
      socket.close();
      resolve(isPossible);
    };
    socket.once('error', (error: NodeJS.ErrnoException) => finish(error.code !== 'EADDRNOTAVAIL'));
    socket.bind({ address: formatIpv4(address), port: 0 }, () => finish(true));
  });
}

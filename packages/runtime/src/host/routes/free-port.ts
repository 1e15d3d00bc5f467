import { createSocket } from 'node:dgram';
import { formatIpv4, type Ipv4Value } from '@navalis/address';

/**
 * Returns a UDP port that is free at an address of this host (0: at all of them): the preferred one if it is, else one that the
 * kernel chooses; 0 when no port can be bound. The port is not held.
 */
export async function freeUdpPort(address: Ipv4Value, preferred: number): Promise<number> {
  return (await bound(address, preferred)) ?? (await bound(address, 0)) ?? 0;
}

function bound(address: Ipv4Value, port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => {
      socket.close();
      resolve(undefined);
    });
    socket.bind({ address: formatIpv4(address), port, exclusive: true }, () => {
      const { port: chosen } = socket.address();
      socket.close(() => resolve(chosen));
    });
  });
}

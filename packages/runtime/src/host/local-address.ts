import { createSocket } from 'node:dgram';
import { formatIpv4, type Ipv4Value, parseIpv4, teredoPort } from '@navalis/address';

/** The local address that routing picks towards a destination; undefined when there is no route. Sends nothing. */
export function localAddressTowards(destination: Ipv4Value): Promise<Ipv4Value | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const finish = (address: Ipv4Value | undefined) => {
      socket.close();
      resolve(address);
    };
    socket.once('error', () => finish(undefined));
    socket.connect(teredoPort, formatIpv4(destination), () => finish(parseIpv4(socket.address().address)));
  });
}

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** A socket whose buffer holds next to nothing: once nobody reads, the kernel counts each datagram at once as dropped. */
export async function openDeafSocket(type: 'udp4' | 'udp6', address: string, port: number): Promise<Socket> {
  const socket = createSocket({ type, recvBufferSize: 1 });
  socket.bind(port, address);
  await once(socket, 'listening');
  return socket;
}

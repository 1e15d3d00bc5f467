import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** A socket with a minimal buffer: the kernel counts each unread datagram as dropped at once. */
export async function openDeafSocket(type: 'udp4' | 'udp6', address: string, port: number): Promise<Socket> {
  const socket = createSocket({ type, recvBufferSize: 1 });
  socket.bind(port, address);
  await once(socket, 'listening');
  return socket;
}

/**
 * The system calls in use, as C declares them: a negative result means that `errno` tells why. Addresses come from
 * `Arena.addressOf` only.
 */
export interface SystemCalls {
  open(path: string, flags: number): number;
  close(descriptor: number): number;
  ioctl(descriptor: number, request: number, argument: number): number;
  read(descriptor: number, address: number, octets: number): number;
  write(descriptor: number, address: number, octets: number): number;
  socket(family: number, type: number, protocol: number): number;
  bind(descriptor: number, address: number, octets: number): number;
  getsockname(descriptor: number, address: number, octetsAddress: number): number;
  setsockopt(descriptor: number, level: number, option: number, address: number, octets: number): number;
  getsockopt(descriptor: number, level: number, option: number, address: number, octetsAddress: number): number;
  recvmmsg(descriptor: number, messages: number, count: number, flags: number, timeout: number): number;
  sendmmsg(descriptor: number, messages: number, count: number, flags: number): number;
  poll(descriptors: number, count: number, timeoutMs: number): number;
  eventfd(initial: number, flags: number): number;
  /** The error number of the last call of this thread that failed. */
  errno(): number;
}

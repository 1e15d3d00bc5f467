import { type Koffi, loadKoffi } from './load-koffi.ts';
import { requireSupportedMachine } from './supported-machine.ts';

/**
 * The system calls in use, as in C: -1 means failure and `errno()` tells which. Memory is passed by address
 * (`Arena.address`); octet counts and flags are numbers.
 */
export interface SystemCalls {
  open(path: string, flags: number): number;
  close(descriptor: number): number;
  ioctl(descriptor: number, request: number, argument: number): number;
  read(descriptor: number, address: number, octets: number): number;
  write(descriptor: number, address: number, octets: number): number;
  writev(descriptor: number, vectors: number, count: number): number;
  socket(family: number, type: number, protocol: number): number;
  bind(descriptor: number, socketAddress: number, octets: number): number;
  connect(descriptor: number, socketAddress: number, octets: number): number;
  getsockname(descriptor: number, socketAddress: number, octetsAddress: number): number;
  getsockopt(descriptor: number, level: number, option: number, value: number, octetsAddress: number): number;
  setsockopt(descriptor: number, level: number, option: number, value: number, octets: number): number;
  recvmmsg(descriptor: number, messages: number, count: number, flags: number, timeout: number): number;
  sendmmsg(descriptor: number, messages: number, count: number, flags: number): number;
  poll(descriptors: number, count: number, timeoutMs: number): number;
  sched_yield(): number;
  sched_getscheduler(thread: number): number;
  sched_setattr(thread: number, attributes: number, flags: number): number;
  eventfd(initial: number, flags: number): number;
  errno(): number;
}

export interface Kernel {
  readonly calls: SystemCalls;
  readonly koffi: Koffi;
}

/** The C library has no function for this call before glibc 2.41. */
const schedSetattrNumber = process.arch === 'arm64' ? 274 : 314;

/** Binds the system calls. Throws `machine-not-supported` or `ffi-not-loadable`. */
export function openKernel(): Kernel {
  requireSupportedMachine();
  const koffi = loadKoffi();
  const library = koffi.load(null);
  const byNumber = library.func('long syscall(long number, int thread, uintptr_t attributes, uint32_t flags)');
  const calls: SystemCalls = {
    open: library.func('int open(str path, int flags)'),
    close: library.func('int close(int descriptor)'),
    ioctl: library.func('int ioctl(int descriptor, ulong request, uintptr_t argument)'),
    read: library.func('long read(int descriptor, uintptr_t address, size_t octets)'),
    write: library.func('long write(int descriptor, uintptr_t address, size_t octets)'),
    writev: library.func('long writev(int descriptor, uintptr_t vectors, int count)'),
    socket: library.func('int socket(int family, int type, int protocol)'),
    bind: library.func('int bind(int descriptor, uintptr_t address, uint32_t octets)'),
    connect: library.func('int connect(int descriptor, uintptr_t address, uint32_t octets)'),
    getsockname: library.func('int getsockname(int descriptor, uintptr_t address, uintptr_t octets)'),
    getsockopt: library.func(
      'int getsockopt(int descriptor, int level, int option, uintptr_t value, uintptr_t octets)',
    ),
    setsockopt: library.func('int setsockopt(int descriptor, int level, int option, uintptr_t value, uint32_t octets)'),
    recvmmsg: library.func(
      'int recvmmsg(int descriptor, uintptr_t messages, uint32_t count, int flags, uintptr_t timeout)',
    ),
    sendmmsg: library.func('int sendmmsg(int descriptor, uintptr_t messages, uint32_t count, int flags)'),
    poll: library.func('int poll(uintptr_t descriptors, ulong count, int timeout)'),
    sched_yield: library.func('int sched_yield()'),
    sched_getscheduler: library.func('int sched_getscheduler(int thread)'),
    sched_setattr: (thread, attributes, flags) => byNumber(schedSetattrNumber, thread, attributes, flags),
    eventfd: library.func('int eventfd(uint32_t initial, int flags)'),
    errno: () => koffi.errno(),
  };
  return { calls, koffi };
}

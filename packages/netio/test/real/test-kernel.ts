import koffi from 'koffi';

type Call = (...words: readonly (number | Uint8Array | Uint32Array | readonly number[])[]) => number;

const library = koffi.load(null);
const call = (definition: string): Call => library.func(definition) as unknown as Call;

// System calls that only tests need; memory is passed as arrays here.
export const unshare: Call = call('int unshare(int flags)');
export const setns: Call = call('int setns(int descriptor, int kind)');
export const socket: Call = call('int socket(int family, int type, int protocol)');
export const bind: Call = call('int bind(int descriptor, const uint8_t *address, uint32_t octets)');
export const ownThread: Call = call('int gettid()');
export const close: Call = call('int close(int descriptor)');
export const sendto: Call = call(
  'long sendto(int descriptor, const uint8_t *data, size_t octets, int flags, const uint8_t *address, uint32_t count)',
);
export const recv: Call = call('long recv(int descriptor, _Out_ uint8_t *data, size_t octets, int flags)');
export const recvfrom: Call = call(
  'long recvfrom(int descriptor, _Out_ uint8_t *data, size_t octets, int flags, _Out_ uint8_t *address, _Inout_ uint32_t *count)',
);
export const getsockname: Call = call(
  'int getsockname(int descriptor, _Out_ uint8_t *address, _Inout_ uint32_t *octets)',
);
export const setsockopt: Call = call(
  'int setsockopt(int descriptor, int level, int option, const uint32_t *value, uint32_t octets)',
);
const getsockopt: Call = call(
  'int getsockopt(int descriptor, int level, int option, _Out_ uint32_t *value, _Inout_ uint32_t *octets)',
);
const poll: Call = call('int poll(_Inout_ uint8_t *entries, ulong count, int timeout)');
const capget: Call = call('int capget(const uint32_t *header, _Out_ uint32_t *sets)');
const capset: Call = call('int capset(const uint32_t *header, const uint32_t *sets)');

const getSchedulingAttributes: Call = call(
  'long syscall(long number, int thread, _Out_ uint8_t *attributes, uint32_t octets, uint32_t flags)',
);

/** Returns the scheduling of the calling thread. */
export function ownScheduling(): { readonly niceness: number; readonly turnNs: bigint } {
  const attributes = new Uint8Array(48);
  succeeded(getSchedulingAttributes(process.arch === 'arm64' ? 275 : 315, 0, attributes, attributes.length, 0));
  const view = new DataView(attributes.buffer);
  return { niceness: view.getInt32(16, true), turnNs: view.getBigUint64(24, true) };
}

const setSchedulingAttributes: Call = call(
  'long syscall(long number, int thread, const uint8_t *attributes, uint32_t flags)',
);

/** Resets the calling thread to the defaults: niceness 0, and the kernel's time slice. */
export function resetOwnScheduling(): void {
  const attributes = new Uint8Array(48);
  attributes[0] = attributes.length;
  succeeded(setSchedulingAttributes(process.arch === 'arm64' ? 274 : 314, 0, attributes, 0));
}

/** Passes the result on; throws when the call failed. */
export function succeeded(result: number): number {
  if (result < 0) throw new Error(`a system call of a test failed with errno ${koffi.errno()}`);
  return result;
}

/** Value of an integer option of a socket. */
export function socketOption(descriptor: number, level: number, option: number): number {
  const value = new Uint32Array(1);
  succeeded(getsockopt(descriptor, level, option, value, new Uint32Array([4])));
  return value[0]!;
}

/** Waits up to 5 s until there is something to receive: loopback may deliver late on a busy machine. */
export function awaitReadable(descriptor: number): void {
  const entry = new Uint8Array(8);
  const view = new DataView(entry.buffer);
  view.setInt32(0, descriptor, true);
  view.setUint16(4, 1, true);
  if (poll(entry, 1, 5000) !== 1) throw new Error('nothing arrived within 5 s');
}

/** Runs `action` while the thread has no effective capability; the permitted ones come back afterwards. */
export function withoutCapabilities<Result>(action: () => Result): Result {
  const header = new Uint32Array([0x20080522, 0]);
  const before = new Uint32Array(6);
  succeeded(capget(header, before));
  // Effective, permitted, inheritable; twice, the low 32 capabilities first.
  const none = before.slice();
  none[0] = 0;
  none[3] = 0;
  succeeded(capset(header, none));
  try {
    return action();
  } finally {
    succeeded(capset(header, before));
  }
}

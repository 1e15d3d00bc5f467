import { readdirSync, readlinkSync } from 'node:fs';
import koffi from 'koffi';
import { LabError } from '../../src/lab-error.ts';

// asm-generic/unistd.h: the same numbers on all machines.
const pidfdOpenNumber = 434;
const pidfdGetfdNumber = 438;
// asm-generic/socket.h
const SOL_SOCKET = 1;
const SO_RCVBUFFORCE = 33;

/**
 * Gives every socket that a running program has open a receive buffer of so many octets, as its own `setsockopt` with `SO_RCVBUF` would.
 * Needs root. Sockets that it opens later keep their size.
 */
export function setReceiveBuffers(pid: number, octets: number): void {
  const library = koffi.load(null);
  const call = library.func('long syscall(long number, int first, int second, uint32_t flags)');
  const setsockopt = library.func(
    'int setsockopt(int descriptor, int level, int option, void *value, uint32_t octets)',
  );
  const close = library.func('int close(int descriptor)');
  const must = (result: number): number => {
    if (result < 0) throw new LabError(`The sockets of process ${pid} cannot be changed, error ${koffi.errno()}.`);
    return result;
  };
  const value = Buffer.alloc(4);
  value.writeInt32LE(octets);
  const program = must(call(pidfdOpenNumber, pid, 0, 0));
  for (const descriptor of socketsOf(pid)) {
    const socket = must(call(pidfdGetfdNumber, program, descriptor, 0));
    must(setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, value, value.length));
    close(socket);
  }
  close(program);
}

function socketsOf(pid: number): readonly number[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder)
    .filter((name) => readlinkSync(`${folder}/${name}`).startsWith('socket:'))
    .map(Number);
}

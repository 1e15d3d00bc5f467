/** Error numbers of Linux, equal on x86-64 and arm64 (asm-generic/errno-base.h, errno.h). */
export const errno = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  ENODEV: 19,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  EBADFD: 77,
  EMSGSIZE: 90,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ENOBUFS: 105,
  ECONNREFUSED: 111,
} as const;

/** Returns a text such as `EPERM (1)`, or the number alone if it is not listed. */
export function describeErrno(number: number): string {
  const name = Object.entries(errno).find(([, value]) => value === number)?.[0];
  return name === undefined ? `errno ${number}` : `${name} (${number})`;
}

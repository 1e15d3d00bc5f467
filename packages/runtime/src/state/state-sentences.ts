/** Returns why a state file was not written, its effect, and the cure. */
export function notWrittenSentence(path: string, error: string): string {
  const isFull = error === 'ENOSPC' || error === 'EDQUOT';
  const cure = isFull
    ? 'Free space on its file system'
    : 'Make the directory writable for this program, or set state-directory';
  return `Cannot write ${path} (${error}): the port and the address will be others after a restart. ${cure}.`;
}

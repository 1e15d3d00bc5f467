import { lstat } from 'node:fs/promises';
import type { LateListenerObserver } from './late-listener.ts';

/** Our choice: interval of the checks. Each one costs one system call. */
const lookMs = 5_000;

export interface KeptSocket {
  /** As messages call it. */
  readonly name: string;
  readonly path: string;
  reopen(): Promise<void>;
}

/**
 * Opens a socket again when another program removed its file, as a clean-up of /run does. A failure is logged once, and retried.
 * Returns a function that ends the checks.
 */
export function keepSocket({ name, path, reopen }: KeptSocket, observer: LateListenerObserver): () => void {
  let isBusy = false;
  let isFailing = false;
  const restore = async () => {
    try {
      await reopen();
      isFailing = false;
      observer.warn(`The ${name} ${path} was removed by another program and is open again.`);
    } catch (error) {
      if (!isFailing) {
        observer.warn(
          `The ${name} ${path} was removed by another program and cannot be opened again. ${(error as Error).message} The program tries again every 5 s.`,
        );
      }
      isFailing = true;
    }
  };
  const look = async () => {
    if (isBusy) return;
    isBusy = true;
    if (!(await isThere(path))) await restore();
    isBusy = false;
  };
  return observer.time.every(lookMs, () => void look());
}

function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && error.code !== 'ENOTDIR',
  );
}

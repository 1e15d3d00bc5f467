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
  let isEnded = false;
  const warn = (sentence: string) => {
    if (!isEnded) observer.warn(sentence);
  };
  const restore = async () => {
    try {
      await reopen();
      isFailing = false;
      warn(`The ${name} ${path} was removed by another program and is open again.`);
    } catch (error) {
      if (!isFailing) {
        warn(
          `The ${name} ${path} was removed by another program and cannot be opened again. ${(error as Error).message} The program tries again every 5 s.`,
        );
      }
      isFailing = true;
    }
  };
  const look = async () => {
    if (isBusy) return;
    isBusy = true;
    // The end removes the file, too.
    if (!(await isThere(path)) && !isEnded) await restore();
    isBusy = false;
  };
  const endLooks = observer.time.every(lookMs, () => void look());
  return () => {
    isEnded = true;
    endLooks();
  };
}

function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && error.code !== 'ENOTDIR',
  );
}

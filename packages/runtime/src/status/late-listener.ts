import { NavalisError } from '../navalis-error.ts';
import type { Time } from '../scheduling/time.ts';

export interface LateListenerObserver {
  readonly time: Pick<Time, 'after' | 'every'>;
  warn(sentence: string): void;
  /** The listener cannot be opened. */
  fail(error: NavalisError): void;
}

/** Our choice: interval of retries while this host lacks the address. */
const retryMs = 2_000;

/**
 * Opens a listener at an address that this host may get later, for example by DHCP. While the address is missing, it retries
 * and logs that once. Returns a function that gives up. Rejects with any other error.
 */
export async function openWhenPossible(open: () => Promise<void>, observer: LateListenerObserver): Promise<() => void> {
  let endWait = () => {};
  let isOver = false;
  const retry = () =>
    open()
      .catch(wait)
      .catch((error: NavalisError) => {
        if (!isOver) observer.fail(error);
      });
  const wait = (error: unknown) => {
    if (!(error instanceof NavalisError) || error.code !== 'address-not-available') throw error;
    if (!isOver) endWait = observer.time.after(retryMs, () => void retry());
    return error.message;
  };
  await open().catch((error) => observer.warn(`${wait(error)} Waiting until that changes.`));
  return () => {
    isOver = true;
    endWait();
  };
}

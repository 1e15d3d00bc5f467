import { createInterface } from 'node:readline';
import type { LoadOrder } from './settings.ts';

/**
 * Connects a program to its starter: takes orders as lines of JSON on standard input, and prints `figures` and what was counted, as JSON,
 * once a second. SIGTERM and SIGINT are the order to stop. Returns a function that prints the last figures, and
 * ends all that.
 */
export function followOrders<Figures>(
  obey: (order: LoadOrder) => void,
  figures: () => Figures,
): (last: Figures) => void {
  const tell = (counted: Figures) => process.stdout.write(`figures ${JSON.stringify(counted)}\n`);
  const orders = createInterface({ input: process.stdin });
  orders.on('line', (line) => obey(JSON.parse(line) as LoadOrder));
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => obey({ kind: 'stop' }));
  const timer = setInterval(() => tell(figures()), 1_000);
  return (last) => {
    clearInterval(timer);
    orders.close();
    tell(last);
  };
}

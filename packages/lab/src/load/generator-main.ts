// The load generator as a program: load-generator.js SETTINGS, as JSON. Takes orders as lines of JSON on standard input, and prints
// `figures` and what it has counted, as JSON, once a second and at the end. SIGTERM and SIGINT end it.
import { Generator } from './generator.ts';
import { followOrders } from './orders.ts';
import type { LoadSettings } from './settings.ts';

const generator = await Generator.open(JSON.parse(process.argv[2] ?? '') as LoadSettings);
const end = followOrders(
  (order) => generator.order(order),
  () => generator.figures(),
);
end(await generator.run());

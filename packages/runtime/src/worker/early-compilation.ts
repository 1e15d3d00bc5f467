import { setFlagsFromString } from 'node:v8';

/**
 * The octets of bytecode that run before V8 optimizes a function; V8's default is about ten times that. Our choice: with a
 * much smaller budget V8 would optimize functions for the first, untypical calls.
 */
const interruptBudgetOctets = 8000;

/**
 * Makes V8 compile this process's code at once and optimize it soon. Otherwise a path with little traffic would be
 * interpreted for its first thousand packets (measured: the first 600 round trips take 0.56 ms in the median without, 0.39
 * ms with it, after that 0.3 ms).
 */
export function compileEarly(): void {
  setFlagsFromString('--always-sparkplug');
  setFlagsFromString(`--interrupt-budget=${interruptBudgetOctets}`);
}

import { defineConfig } from 'tsup';

/** One build for all packages; the entries come from each package's `build` script. */
export default defineConfig({
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  sourcemap: true,
  clean: true,
  splitting: true,
  // The entry of zod loads its messages in 60 languages, a tenth of the time until a client has its address. Bundled, they fall away.
  noExternal: ['zod'],
  // Declarations come from tsc: TypeScript 7 has no compiler interface that tsup could call.
  dts: false,
});

/** The parts of WebAssembly in use here: TypeScript knows them only together with a whole browser. */
interface WebAssemblyParts {
  readonly Memory: new (descriptor: { initial: number; maximum: number }) => WebAssemblyMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

export interface WebAssemblyMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

export const webAssembly: WebAssemblyParts = (globalThis as unknown as { WebAssembly: WebAssemblyParts }).WebAssembly;

/** The octets of the module that the sources in this folder make. */
export function assemble(): Promise<Uint8Array>;

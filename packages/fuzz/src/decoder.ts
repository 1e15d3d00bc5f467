/** Reads any octets; throws when the decoder violates a property. */
export interface Decoder {
  readonly name: string;
  readonly templates: readonly Uint8Array[];
  readonly read: (bytes: Uint8Array, length: number) => void;
}

/** Returns two lower-case digits for each octet. */
export function hexText(bytes: Uint8Array, offset: number, length: number): string {
  let text = '';
  for (let index = offset; index < offset + length; index++) text += bytes[index]!.toString(16).padStart(2, '0');
  return text;
}

/** Our choice: the most characters of an identifier, which may have 255 octets, in a log line. */
const longestText = 64;

/** Formats a client identifier from the network for log lines: octets other than printable ASCII appear as numbers. */
export function identifierText(bytes: Uint8Array, offset: number, length: number): string {
  const shown = Math.min(length, longestText);
  let text = '';
  for (let i = 0; i < shown; i++) text += characterText(bytes[offset + i]!);
  return length > shown ? `${text}...` : text;
}

function characterText(octet: number): string {
  const isPlain = octet > 0x20 && octet < 0x7f && octet !== 0x22 && octet !== 0x5c;
  return isPlain ? String.fromCharCode(octet) : `\\x${octet.toString(16).padStart(2, '0')}`;
}

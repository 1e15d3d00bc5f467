/** Breaks a text at spaces into lines of at most so many characters; a longer word has a line of its own. */
export function wrap(text: string, length: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > length) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Returns the text with a full stop, and with a capital unless it begins with values such as "false:" or commands. */
export function sentence(text: string): string {
  const start =
    /^[a-z]+(?:, [a-z]+)*: /.test(text) && !text.startsWith('default') ? text.charAt(0) : text.charAt(0).toUpperCase();
  return `${start}${text.slice(1)}${/[.?!]$/.test(text) ? '' : '.'}`;
}

/** Returns the TypeScript snippets of a README. */
export function readSnippets(markdown: string): string[] {
  return [...markdown.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, snippet]) => snippet!);
}

const statedValue = /^(\s*)((?!const |let |import )\w.*); \/\/ ('[^']*'|-?\d+|true|false|undefined)(?![\w.]).*$/gm;

/** Turns each statement whose comment starts with a value, such as `f(x); // 'y'`, into a check of that value. */
export function checkStatedValues(snippet: string): { source: string; checks: number } {
  let checks = 0;
  const source = snippet.replace(statedValue, (_, indent: string, expression: string, value: string) => {
    checks++;
    return `${indent}check(${expression}, ${value});`;
  });
  const check = `function check(actual: unknown, stated: unknown): void {
  if (!Object.is(actual, stated)) throw new Error(\`\${String(actual)} instead of \${String(stated)}\`);
}`;
  return { source: `${source}\n${check}\n`, checks };
}

import { type CallExpression, type Expression, type Program, parseSync, Visitor } from 'oxc-parser';
import { namedTables, rowTitles } from './table-rows.ts';

/** A test or suite whose title carries checklist IDs in brackets. */
export interface TaggedTest {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Without its IDs. `…` replaces the parts that a template inserts, and separates the rows of a table. */
  readonly title: string;
  /** Each once. */
  readonly ids: readonly string[];
  /** It, or a suite around it, never runs (`skip`, `todo`), so it proves nothing. */
  readonly skipped: boolean;
}

const suiteNames = ['describe', 'suite'];
const testNames = ['it', 'test'];
const idPattern = /\[([A-Z][A-Z0-9]*(?:-[A-Z]+)?-\d+[a-z]?)\]/g;

/**
 * Returns every tagged test in one file of vitest tests: `it`, `test` and `describe` with their modifiers and `each`, titles in
 * any kind of quotes, with the first text of each row of a table. The IDs of a suite count if a test in it runs.
 * @throws Error when the file cannot be parsed.
 */
export function readTaggedTests(file: string, source: string): TaggedTest[] {
  const { program, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]!.message}`);
  const calls = testCalls(program);
  return calls.flatMap((call) => {
    const ids = [...new Set(idsIn(call.title))];
    if (ids.length === 0) return [];
    const around = calls.filter((other) => encloses(other, call));
    const tests = call.isSuite ? calls.filter((other) => !other.isSuite && encloses(call, other)) : [call];
    const runs = (test: TestCall) => !calls.some((other) => other.skipped && (other === test || encloses(other, test)));
    const skipped = around.some((suite) => suite.skipped) || !tests.some(runs);
    return [{ file, line: lineOf(source, call.start), title: plainTitle(call.title), ids, skipped }];
  });
}

/** Returns the relative paths that a file imports, as written there. */
export function relativeImports(file: string, source: string): string[] {
  const { staticImports } = parseSync(file, source).module;
  return staticImports.map((each) => each.moduleRequest.value).filter((path) => path.startsWith('.'));
}

/** Returns the IDs that stand alone in brackets in a title, as in `[WF-04][SV-A-19b] ...`. */
export function idsIn(title: string): string[] {
  return [...title.matchAll(idPattern)].map((match) => match[1]!);
}

function plainTitle(title: string): string {
  return title.replace(idPattern, '').replaceAll('\0', '…').trim();
}

interface TestCall {
  readonly title: string;
  readonly isSuite: boolean;
  readonly skipped: boolean;
  readonly start: number;
  readonly end: number;
}

function testCalls(program: Program): TestCall[] {
  const calls: TestCall[] = [];
  const tables = namedTables(program);
  new Visitor({
    CallExpression(call) {
      const words = calleeWords(call);
      const isSuite = suiteNames.includes(words[0] ?? '');
      if (!isSuite && !testNames.includes(words[0] ?? '')) return;
      const text = literalText(call.arguments[0]);
      if (text === undefined) return;
      const title = [text, ...rowTitles(call, text, tables)].join('\0');
      const skipped = words.includes('skip') || words.includes('todo');
      calls.push({ title, isSuite, skipped, start: call.start, end: call.end });
    },
  }).visit(program);
  return calls;
}

/** Returns the words of a chain of calls: `it`, `skip`, `each` for `it.skip.each(table)(...)`. Empty for other calls. */
function calleeWords(call: CallExpression): string[] {
  const words: string[] = [];
  let callee: Expression = call.callee as Expression;
  for (;;) {
    if (callee.type === 'Identifier') return [callee.name, ...words.reverse()];
    if (callee.type === 'MemberExpression' && callee.property.type === 'Identifier') {
      words.push(callee.property.name);
      callee = callee.object as Expression;
    } else if (callee.type === 'CallExpression') callee = callee.callee as Expression;
    else if (callee.type === 'TaggedTemplateExpression') callee = callee.tag;
    else return [];
  }
}

/** Returns the literal text of a title, without the parts that a template inserts. */
function literalText(argument: CallExpression['arguments'][number] | undefined): string | undefined {
  if (argument?.type === 'Literal' && typeof argument.value === 'string') return argument.value;
  if (argument?.type === 'TemplateLiteral') return argument.quasis.map((part) => part.value.cooked ?? '').join('\0');
  if (argument?.type !== 'BinaryExpression' || argument.operator !== '+') return undefined;
  const left = literalText(argument.left as Expression);
  const right = literalText(argument.right);
  return left === undefined && right === undefined ? undefined : `${left ?? '\0'}${right ?? '\0'}`;
}

function encloses(outer: TestCall, inner: TestCall): boolean {
  return outer !== inner && outer.start <= inner.start && inner.end <= outer.end;
}

function lineOf(source: string, offset: number): number {
  return source.slice(0, offset).split('\n').length;
}

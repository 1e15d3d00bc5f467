/** A word or phrase to avoid, and its replacement. */
interface Phrase {
  readonly pattern: RegExp;
  readonly instead: string;
  /** Refused in names of the code too, not only in comments and texts. */
  readonly inNames?: true;
}

/** A place in a file that breaks a rule of language. */
export interface LanguageFinding {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
  readonly instead: string;
}

const phrases: readonly Phrase[] = [
  { pattern: /hindranc/i, inNames: true, instead: 'blocker, or the reason itself' },
  { pattern: /\bstir(?:s|red|ring)?\b/i, inNames: true, instead: 'wake, woken' },
  { pattern: /\bwish(?:es|ed)?\b/i, instead: 'request, want' },
  { pattern: /complain/i, inNames: true, instead: 'error' },
  { pattern: /\bis to be seen\b/i, instead: 'is detected' },
  { pattern: /\bwho(?:m)?ever\b/i, instead: 'anyone who, or the noun' },
  { pattern: /\bstrangers?\b/i, instead: 'unknown peers, other hosts' },
  { pattern: /\bunasked\b/i, instead: 'unsolicited' },
  { pattern: /\banew\b/i, instead: 'again' },
  { pattern: /\bin vain\b/i, instead: 'without an answer' },
  { pattern: /\bg(?:ive|ives|iving|ave) way\b/i, instead: 'yield, or is evicted' },
  { pattern: /\btold from\b/i, instead: 'distinguished from' },
  { pattern: /\bwho (?:is|was|sits) on the path\b/i, instead: 'an on-path attacker' },
  { pattern: /\bfrom now on\b/i, instead: 'the verb alone, such as "sets", "becomes"' },
  {
    pattern: /\bFrom (?:here|then|(?:the|this) \w+(?: \w+)?(?: of [\w ]+)?) on\b/,
    instead: 'since, at least, the first ... that',
  },
  { pattern: /\bof before\b/i, instead: 'previous, old' },
  { pattern: /\b(?:tells?|told|telling) of\b/i, instead: 'report, describe' },
  { pattern: /\bpass(?:es|ed|ing)? nothing on\b/i, instead: 'drops, forwards no packets' },
  { pattern: /\bset it, and\b/i, instead: 'While it is set, ...' },
  { pattern: /(?:^|[.:'"`|#] ?|\/\/ |^\s*\* |^\*\*)What [a-z][^?]*$/, instead: 'a noun as the subject' },
  { pattern: /\bnote[A-Z]\w*\(/, inNames: true, instead: 'recordX, or the name of the event' },
];

const nounClause = /^(?:What|Whatever|Who|Whom|Whose|Which|That)\b/;
const genitive = /^Of\b/;
const clauseOfFunction = /^(?:Answers?|Whether|Where|How|When)\b/;
const docComment = /\/\*\*\s*(?:\*\s*)?(\w+)[\s\S]*?\*\/\s*([^\n]*)/g;
const functionStart =
  /^(?:export |default |declare |static |async |get |set |override |abstract )*(?:function\b|#?\w+(?:<[^(]*>)?\()/;

/** Returns the places of a file that use a refused phrase, or a doc comment that starts with a clause. */
export function languageFindings(file: string, source: string): LanguageFinding[] {
  const isCode = /\.m?[jt]s$/.test(file);
  const words = source.split('\n').flatMap((text, index) => {
    const prose = isCode ? proseOf(text) : text;
    return phrases
      .filter(({ pattern, inNames }) => pattern.test(inNames ? text : prose))
      .map(({ instead }) => ({ file, line: index + 1, text: text.trim(), instead }));
  });
  return isCode ? [...words, ...docCommentFindings(file, source)] : words;
}

/** Returns the comment and the literal texts of a line of code. */
function proseOf(line: string): string {
  const comment = /(?:\/\/|\/\*|^\s*\*).*$/.exec(line)?.[0] ?? '';
  const texts = line.match(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`?/g) ?? [];
  return [comment, ...texts].join(' ');
}

function docCommentFindings(file: string, source: string): LanguageFinding[] {
  return [...source.matchAll(docComment)].flatMap(({ index, 0: text, 1: first = '', 2: declaration = '' }) => {
    const instead = insteadOf(first, functionStart.test(declaration));
    if (instead === undefined) return [];
    return [{ file, line: source.slice(0, index).split('\n').length, text: text.split('\n')[0]!, instead }];
  });
}

function insteadOf(first: string, isFunction: boolean): string | undefined {
  if (isFunction && clauseOfFunction.test(first)) return 'a verb: "Returns", "Returns true if", "Tells"';
  if (genitive.test(first)) return isFunction ? 'a verb: "Returns the ... of"' : 'a noun: "The ... of"';
  if (nounClause.test(first)) return isFunction ? 'a verb: "Returns ..."' : 'a noun';
  return undefined;
}

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The fields of a Babel node that are used here. */
interface Node {
  readonly type: string;
  readonly operator?: string;
  readonly value?: unknown;
  readonly expression?: Node;
  readonly callee?: Node;
  readonly key?: Node;
  readonly computed?: boolean;
}

interface Mutator {
  readonly name: string;
  mutate(path: { readonly node: Node; readonly parent: Node }): Iterable<Node>;
}

const bitwiseCounterparts: Readonly<Record<string, string>> = {
  '&': '|',
  '|': '&',
  '^': '&',
  '<<': '>>>',
  '>>': '<<',
  '>>>': '<<',
};

/** Kinds of changes that StrykerJS lacks and this code lives on: numbers, bits, and single statements. */
const additionalMutators: readonly Mutator[] = [
  {
    name: 'NumericLiteral',
    *mutate({ node, parent }) {
      if (node.type !== 'NumericLiteral' || parent.type === 'TSLiteralType') return;
      if (parent.key === node && parent.computed !== true) return;
      yield { type: 'NumericLiteral', value: (node.value as number) + 1 };
    },
  },
  {
    name: 'BitwiseOperator',
    *mutate({ node }) {
      const counterpart = node.type === 'BinaryExpression' ? bitwiseCounterparts[node.operator ?? ''] : undefined;
      if (counterpart !== undefined) yield { ...node, operator: counterpart };
    },
  },
  {
    name: 'StatementRemoval',
    *mutate({ node }) {
      const expression = node.type === 'ExpressionStatement' ? node.expression : undefined;
      if (expression === undefined || !removable.has(expression.type)) return;
      // Without it, the object would not exist.
      if (expression.callee?.type === 'Super') return;
      yield { type: 'EmptyStatement' };
    },
  },
];

const removable = new Set(['CallExpression', 'AssignmentExpression', 'OptionalCallExpression']);

let added = false;

/** Makes the instrumenter of StrykerJS create the additional kinds, too; it offers no public place to hand them in. */
export async function addMutators(): Promise<void> {
  if (added) return;
  added = true;
  const folder = dirname(createRequire(import.meta.url).resolve('@stryker-mutator/instrumenter/package.json'));
  const file = pathToFileURL(join(folder, 'dist/src/mutators/mutate.js')).href;
  const { allMutators } = (await import(/* @vite-ignore */ file)) as { readonly allMutators: Mutator[] };
  allMutators.push(...additionalMutators);
}

import { XmlElement as ParsedElement, parseXml as parseDocument } from '@rgrove/parse-xml';

/** An element of a document. */
export interface XmlElement {
  /** Without the prefix of its name space. */
  readonly name: string;
  /** The text in it and in the elements within, without white space around. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** Our choice: descriptions of devices have some ten levels. */
const deepest = 64;

/**
 * Parses a document whose length the caller bounds; returns undefined when it is not well-formed, nests too deeply, or has a
 * document type: without one there are no entities to expand.
 */
export function parseXml(text: string): XmlElement | undefined {
  if (text.includes('<!DOCTYPE') || isTooDeep(text)) return undefined;
  try {
    const { root } = parseDocument(text);
    return root === null ? undefined : elementOf(root);
  } catch {
    return undefined;
  }
}

/** Returns the elements of a name in an element, itself included, in the order of the document. */
export function elementsNamed(element: XmlElement, name: string): readonly XmlElement[] {
  const inside = element.children.flatMap((child) => elementsNamed(child, name));
  return element.name === name ? [element, ...inside] : inside;
}

/** Returns the text of an element. */
export function textOf(element: XmlElement): string {
  return element.text;
}

function elementOf(parsed: ParsedElement): XmlElement {
  return {
    name: parsed.name.slice(parsed.name.indexOf(':') + 1),
    text: parsed.text.trim(),
    children: parsed.children.filter((child) => child instanceof ParsedElement).map(elementOf),
  };
}

/** Counts tags before anything recurses into them; tags in comments count as well. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) {
    const next = text[at + 1];
    if (next === '/') depth -= 1;
    else if (next !== '!' && next !== '?') depth += text[text.indexOf('>', at) - 1] === '/' ? 0 : 1;
    if (depth > deepest) return true;
  }
  return false;
}

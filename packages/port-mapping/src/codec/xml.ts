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
 * document type: without one there are no entities to expand. Callers may recurse into the result.
 */
export function parseXml(text: string): XmlElement | undefined {
  if (text.includes('<!DOCTYPE')) return undefined;
  try {
    const { root } = parseDocument(text);
    return root === null ? undefined : elementOf(root, 1);
  } catch {
    // Not well-formed, or so deep that the parser runs out of stack.
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

/** @throws RangeError for an element that is too deep; before the text of those around it is read. */
function elementOf(parsed: ParsedElement, depth: number): XmlElement {
  if (depth > deepest) throw new RangeError('The document nests too deeply.');
  const children = parsed.children
    .filter((child) => child instanceof ParsedElement)
    .map((child) => elementOf(child, depth + 1));
  return { name: parsed.name.slice(parsed.name.indexOf(':') + 1), text: parsed.text.trim(), children };
}

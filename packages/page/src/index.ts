/**
 * The page of the status server: state, paths, rates, peers, drops and log of a running program in a browser.
 *
 * - {@link pageFile} returns a file of the page by its path.
 * - {@link isPagePath} tells the paths of the page from those of facts.
 * - {@link pageHeaders} are the headers under which it runs.
 *
 * @packageDocumentation
 */

import { readFileSync } from 'node:fs';

export type {
  Counters,
  Endpoint,
  Explanation,
  Explanations,
  Fault,
  LogLine,
  LogLines,
  RecentPeer,
  Status,
} from './facts.ts';

/** A file of the page. */
export interface PageFile {
  readonly contentType: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

const files: ReadonlyMap<string, readonly [name: string, contentType: string]> = new Map([
  ['/', ['index.html', 'text/html; charset=utf-8']],
  ['/assets/page.js', ['page.js', 'text/javascript; charset=utf-8']],
  ['/assets/style.css', ['style.css', 'text/css; charset=utf-8']],
  ['/assets/icon.svg', ['icon.svg', 'image/svg+xml']],
]);

/**
 * The headers of every answer of a server with the page: it may load nothing but files of that server, no other site may embed or
 * read an answer, and no cache keeps one.
 */
export const pageHeaders: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** The paths of all files, which hold no facts about a program. */
export const pagePaths: readonly string[] = [...files.keys()];

/** Returns true for the path of a file. */
export function isPagePath(path: string): boolean {
  return files.has(path);
}

/**
 * Returns the file at a path, or undefined.
 * @throws Error if the package is not built.
 */
export function pageFile(path: string): PageFile | undefined {
  const file = files.get(path);
  if (file === undefined) return undefined;
  const [name, contentType] = file;
  // Sources and built files of this package are at the same depth.
  return { contentType, body: new Uint8Array(readFileSync(new URL(`../dist/assets/${name}`, import.meta.url))) };
}

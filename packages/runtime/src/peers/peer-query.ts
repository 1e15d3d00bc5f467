import { peerSorts } from '@navalis/engine';
import { mostPeersPerPage, type PeerPlace, type PeerQuery } from '@navalis/traversal';

/** Our choice. */
const usualLimit = 100;

/** Reads the parameters of a request; returns a sentence if one is not allowed. */
export function readPeerQuery(parameters: {
  readonly limit?: string | undefined;
  readonly sort?: string | undefined;
  readonly after?: string | undefined;
}): PeerQuery | string {
  const { limit: limitText, sort: sortText = 'heard', after: afterText } = parameters;
  const limit = limitText === undefined ? usualLimit : Number(limitText);
  if (!Number.isInteger(limit) || limit < 1 || limit > mostPeersPerPage) {
    return `limit must be a whole number from 1 to ${mostPeersPerPage}.`;
  }
  const sort = peerSorts.find((each) => each === sortText);
  if (sort === undefined) return `sort must be one of ${peerSorts.join(', ')}.`;
  const after = afterText === undefined ? undefined : readPlace(afterText);
  if (after === 'wrong') return 'after must be the value of next in the page before.';
  return { sort, limit, after };
}

/** Formats a place for the parameter `after`. */
export function placeText({ key, row }: PeerPlace): string {
  return `${key}:${row}`;
}

function readPlace(text: string): PeerPlace | 'wrong' {
  const match = /^(-?\d{1,20}(?:\.\d{1,20})?(?:e[+-]\d{1,3})?):(\d{1,10})$/.exec(text);
  return match === null ? 'wrong' : { key: Number(match[1]), row: Number(match[2]) };
}

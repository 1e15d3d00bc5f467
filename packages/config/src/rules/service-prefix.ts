import type { Ipv6Prefix } from '@navalis/address';

/** First word of 3ffe:831f::/32, which Teredo used before RFC 4380 and which is never accepted (WF-31). */
const historicServicePrefix = 0x3ffe831f;

/** Exactly 32 bits inside 2000::/3 with nothing set behind them; never longer or shorter (RFC 4380 5.4). */
export function isServicePrefix(prefix: Ipv6Prefix): boolean {
  const { word0, word1, word2, word3 } = prefix.address;
  const isGlobal = word0 >>> 29 === 1 && word0 !== historicServicePrefix;
  return prefix.length === 32 && isGlobal && word1 === 0 && word2 === 0 && word3 === 0;
}

export const algorithms: readonly ['hmac-sha1', 'hmac-sha256'] = ['hmac-sha1', 'hmac-sha256'];

/** A client identifier: no white space, and not the start of a comment. */
export const identifierPattern: RegExp = /^(?!#)[^\s\p{C}]+$/u;

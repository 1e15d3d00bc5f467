/** Assembled from internet-checksum.wat by `npm run assemble`; not edited by hand. */
export const internetChecksumModule: Uint8Array = new Uint8Array(
  Buffer.from(
    'AGFzbQEAAAABFwRgA39/fwF/YAF+AX9gAX4BfmABfwF/AhEBBWFyZW5hBm1lbW9yeQIAAQMFBAABAgMHBwEDc3VtAAAK1wEEnQED' +
      'AX8BewF+IAAgAUFwcWohAwJAA0AgACADTw0BIAQgAP0AAAD9f/2uASEEIABBEGohAAwACwsgBP0bAK0gBP0bAa18IAT9GwKtIAT9' +
      'GwOtfHwhBSAAIAFBDnFqIQMCQANAIAAgA08NASAFIAAzAAB8IQUgAEECaiEADAALCyABQQFxBEAgBSAAMQAAfCEFCyAFEAEQA60g' +
      'Aq18EAELEwAgABACIQAgABACIQAgABACpwsPACAAQv//A4MgAEIQiHwLEgAgAEEIdEGA/gNxIABBCHZyCw==',
    'base64',
  ),
);

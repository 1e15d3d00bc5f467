import { crc32, deflateSync, inflateSync } from 'node:zlib';

/** An image with one octet for each of red, green and blue. */
interface Image {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const frequentColors = 160;
const mostColors = 256;

/**
 * Returns a picture of a page with a palette of 256 colours, a third of the size: PNG, 8 bits, RGB, not interlaced (the form of
 * Chromium's screenshots). The palette has the most frequent colours, and the rare ones that differ most from those.
 */
export function smallPng(png: Buffer): Buffer {
  const { width, height, pixels } = decoded(png);
  const counts = new Map<number, number>();
  for (let at = 0; at < pixels.length; at += 3) {
    const color = colorAt(pixels, at);
    counts.set(color, (counts.get(color) ?? 0) + 1);
  }
  const palette = paletteOf([...counts].toSorted(([, one], [, other]) => other - one).map(([color]) => color));
  const indexes = new Map(palette.map((color, index) => [color, index]));
  const indexOf = (color: number): number => {
    const known = indexes.get(color);
    if (known !== undefined) return known;
    const index = nearest(palette, color);
    indexes.set(color, index);
    return index;
  };
  const lines = Buffer.alloc(height * (width + 1));
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 1; x <= width; x++, at += 3) lines[y * (width + 1) + x] = indexOf(colorAt(pixels, at));
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits, palette.
  header[8] = 8;
  header[9] = 3;
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap((color) => [color >>> 16, (color >>> 8) & 0xff, color & 0xff]))),
    chunk('IDAT', deflateSync(lines, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function colorAt(pixels: Uint8Array, at: number): number {
  return (pixels[at]! << 16) | (pixels[at + 1]! << 8) | pixels[at + 2]!;
}

/** Returns at most 256 of the colours, which are in the order of their frequency. */
function paletteOf(colors: readonly number[]): readonly number[] {
  const palette = colors.slice(0, frequentColors);
  const others = colors.slice(frequentColors);
  const away = others.map((color) => distance(color, palette[nearest(palette, color)]!));
  while (palette.length < mostColors && others.length > palette.length - frequentColors) {
    const farthest = away.indexOf(Math.max(...away));
    const color = others[farthest]!;
    palette.push(color);
    for (const [index, other] of others.entries()) away[index] = Math.min(away[index]!, distance(other, color));
  }
  return palette;
}

function distance(one: number, other: number): number {
  return [16, 8, 0].reduce((sum, shift) => sum + (((one >>> shift) & 0xff) - ((other >>> shift) & 0xff)) ** 2, 0);
}

function nearest(palette: readonly number[], color: number): number {
  let best = 0;
  for (let index = 1; index < palette.length; index++) {
    if (distance(color, palette[index]!) < distance(color, palette[best]!)) best = index;
  }
  return best;
}

function chunk(type: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(body.length, 0);
  named.copy(framed, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}

function decoded(png: Buffer): Image {
  const parts: Buffer[] = [];
  let [width, height, channels] = [0, 0, 0];
  for (let at = signature.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    const body = png.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR')
      [width, height, channels] = [body.readUInt32BE(0), body.readUInt32BE(4), body[9] === 6 ? 4 : 3];
    if (type === 'IDAT') parts.push(body);
    at += length + 12;
  }
  const raw = unfiltered(inflateSync(Buffer.concat(parts)), width * channels, channels);
  const pixels = new Uint8Array(width * height * 3);
  for (let at = 0; at < pixels.length; at++) pixels[at] = raw[Math.floor(at / 3) * channels + (at % 3)]!;
  return { width, height, pixels };
}

/** Undoes the filter of each line (PNG section 9). */
function unfiltered(lines: Buffer, stride: number, channels: number): Uint8Array {
  const rows = lines.length / (stride + 1);
  const raw = new Uint8Array(rows * stride);
  for (let row = 0; row < rows; row++) {
    const filter = lines[row * (stride + 1)]!;
    for (let column = 0; column < stride; column++) {
      const at = row * stride + column;
      const left = column < channels ? 0 : raw[at - channels]!;
      const up = row === 0 ? 0 : raw[at - stride]!;
      const corner = row === 0 || column < channels ? 0 : raw[at - stride - channels]!;
      const predicted = [0, left, up, (left + up) >>> 1, paeth(left, up, corner)][filter]!;
      raw[at] = lines[row * (stride + 1) + 1 + column]! + predicted;
    }
  }
  return raw;
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [toLeft, toUp, toCorner] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

// `node shrink-png.mjs FROM TO` writes a picture of Chromium's with a palette of 256 colours, which makes it less than
// half as large: a page has few colours, and most others are at the edges of letters.

import { readFileSync, writeFileSync } from 'node:fs';
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

// The numbers are those of the PNG specification, https://www.w3.org/TR/png-3/.
const [RGB, PALETTE, RGBA] = [2, 3, 6];
const MAX_PALETTE = 256;

/** The chunks of a PNG file, as type and data. */
function* chunks(file) {
  for (let at = SIGNATURE.length; at < file.length;) {
    const length = file.readUInt32BE(at);
    yield { type: file.toString('latin1', at + 4, at + 8), data: file.subarray(at + 8, at + 8 + length) };
    at += length + 12;
  }
}

function chunk(type, data) {
  const content = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(content));
  return Buffer.concat([length, content, checksum]);
}

/** Of the bytes to the left, above, and above to the left, the one nearest to their sum (filter type 4). */
function paeth(left, above, corner) {
  const estimate = left + above - corner;
  const [toLeft, toAbove, toCorner] = [left, above, corner].map(value => Math.abs(estimate - value));
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

/** Reverses the filters of the rows, and returns each pixel as a number: red, green and blue. */
function readPixels(file) {
  const all = [...chunks(file)];
  const header = all.find(({ type }) => type === 'IHDR').data;
  const [width, height, depth, colours, interlaced] = [
    ...[header.readUInt32BE(0), header.readUInt32BE(4), header[8], header[9], header[12]],
  ];
  if (depth !== 8 || interlaced !== 0 || ![RGB, RGBA].includes(colours)) throw new Error('not a picture of Chromium');
  const bytes = inflateSync(Buffer.concat(all.filter(({ type }) => type === 'IDAT').map(({ data }) => data)));
  const size = colours === RGB ? 3 : 4;
  const stride = width * size;
  const pixels = new Uint32Array(width * height);
  let previous = new Uint8Array(stride);
  for (let y = 0; y < height; y++) {
    const start = y * (stride + 1);
    const filter = bytes[start];
    const row = new Uint8Array(stride);
    for (let x = 0; x < stride; x++) {
      const [left, above, corner] = [x < size ? 0 : row[x - size], previous[x], x < size ? 0 : previous[x - size]];
      const predicted = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter];
      row[x] = bytes[start + 1 + x] + predicted;
    }
    for (let x = 0; x < width; x++) {
      const [red, green, blue] = row.subarray(x * size, x * size + 3);
      pixels[y * width + x] = (red << 16) | (green << 8) | blue;
    }
    previous = row;
  }
  return { width, height, pixels };
}

const parts = colour => [colour >> 16, (colour >> 8) & 255, colour & 255];

const distance = (one, other) => {
  const [a, b] = [parts(one), parts(other)];
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
};

/** At most 256 of the colours, so that the palette has one near each of them. The most frequent ones are kept. */
function choosePalette(pixels) {
  const counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const byCount = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a));
  for (let tolerance = 0; ; tolerance += 2) {
    const palette = [];
    for (const colour of byCount) {
      if (palette.every(kept => distance(kept, colour) > tolerance)) palette.push(colour);
      if (palette.length > MAX_PALETTE) break;
    }
    if (palette.length <= MAX_PALETTE) return { palette, indexes: nearestIndexes(byCount, palette) };
  }
}

/** For each colour, the index of the nearest colour of the palette. */
function nearestIndexes(colours, palette) {
  return new Map(
    colours.map(colour => {
      let nearest = 0;
      for (const [index, candidate] of palette.entries()) {
        if (distance(colour, candidate) < distance(colour, palette[nearest])) nearest = index;
      }
      return [colour, nearest];
    }),
  );
}

const [from, to] = process.argv.slice(2);
const { width, height, pixels } = readPixels(readFileSync(from));
const { palette, indexes } = choosePalette(pixels);
const rows = Buffer.alloc((width + 1) * height);
for (let y = 0; y < height; y++) {
  for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = indexes.get(pixels[y * width + x]);
}
const header = Buffer.alloc(13);
header.writeUInt32BE(width, 0);
header.writeUInt32BE(height, 4);
header.set([8, PALETTE], 8);
writeFileSync(
  to,
  Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap(parts))),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]),
);

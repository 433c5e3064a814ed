// Runs in threads. The decoder and the encoder are plain JavaScript, so each photo would block the program for a second.
import { createJimp } from '@jimp/core';
import jpeg from '@jimp/js-jpeg';
import { methods as resize } from '@jimp/plugin-resize';
import { move } from 'tasker/threads';

const Jimp = createJimp({ formats: [jpeg], plugins: [resize] });

/**
 * Makes a thumbnail that fits into a square.
 *
 * @param {Uint8Array} photo a JPEG
 * @param {number} size
 */
export async function thumbnail(photo, size) {
  const image = await Jimp.fromBuffer(Buffer.from(photo.buffer, photo.byteOffset, photo.length));
  image.scaleToFit({ w: size, h: size });
  return toJpeg(image, 80);
}

/**
 * Takes a photo of hills at sunset, since a repository is no place for real ones.
 *
 * @param {number} width
 * @param {number} height
 * @param {number} place tells one photo from another
 */
export async function takePhoto(width, height, place) {
  const image = new Jimp({ width, height });
  const { data } = image.bitmap;
  for (let x = 0; x < width; x++) {
    const tops = [0.5, 0.6, 0.72, 0.86].map((level, hill) => {
      const at = (x / width) * (3 + hill * 2) + place * (hill + 2);
      return height * (level + 0.06 * Math.sin(at) + 0.02 * Math.sin(at * 3.7) + 0.003 * Math.sin(at * 31));
    });
    const fromSun = x / width - ((place * 0.37) % 1);
    let hill = -1; // the sky
    for (let y = 0; y < height; y++) {
      while (y >= (tops[hill + 1] ?? Infinity)) hill++;
      const light = hill < 0 ? (2 * y) / height : 0.42 - hill * 0.12;
      const sun = hill < 0 ? Math.exp(-9 * Math.sqrt(fromSun ** 2 + (y / height - 0.4) ** 2)) : 0;
      const grain = Math.random() * 8;
      const at = 4 * (y * width + x);
      data[at] = Math.min(255, 40 + 150 * light + 220 * sun + grain);
      data[at + 1] = Math.min(255, 50 + 65 * light + 160 * sun + grain);
      data[at + 2] = Math.min(255, 130 - 20 * light + 60 * sun + grain - hill * 20);
      data[at + 3] = 255;
    }
  }
  return toJpeg(image, 85);
}

/**
 * @param {{ width: number, height: number, getBuffer(type: 'image/jpeg', options: object): Promise<Buffer> }} image
 * @param {number} quality
 */
async function toJpeg(image, quality) {
  const bytes = new Uint8Array(await image.getBuffer('image/jpeg', { quality })); // its own: small Buffers share memory
  return move({ width: image.width, height: image.height, bytes }); // to whoever called, without a copy
}

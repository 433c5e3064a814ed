import { randomBytes, scryptSync } from 'node:crypto';

/**
 * Derives a key from a password, which is made to be slow.
 *
 * @param {string} password
 * @returns {Uint8Array}
 */
export function derive(password) {
  return scryptSync(password, randomBytes(16), 32);
}

// Options of the commands.

/**
 * @param {string} name
 * @param {string | undefined} text
 * @param {number} fallback
 */
export function positive(name, text, fallback) {
  const value = Number(text ?? fallback);
  if (!(Number.isInteger(value) && value > 0)) throw new Error(`--${name} must be a positive integer, got ${text}`);
  return value;
}

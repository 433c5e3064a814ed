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

/**
 * Does what `plan` returns; where it throws, since the arguments make no sense, says why and how it goes.
 *
 * @param {() => () => Promise<void>} plan
 * @param {string} help
 */
export async function runPlanned(plan, help) {
  let run;
  try {
    run = plan();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
    process.exitCode = 2;
    return;
  }
  await run();
}

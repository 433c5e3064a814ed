/**
 * V8 keeps the decimal strings of the last 16,000 numbers or so. No task has the number of another: made of its number at once, every id would
 * be kept until as many more have come, and each collection of young objects copies all of them, which takes longer than telling of a task.
 */
const LAST_DIGITS: readonly string[] = Array.from({ length: 100 }, (_, i) => `${Math.trunc(i / 10)}${i % 10}`);

/** The id of the task of that number: its decimal digits. */
export function idOf(sequence: number): string {
  return sequence < 100 ? String(sequence) : `${Math.trunc(sequence / 100)}${LAST_DIGITS[sequence % 100]}`;
}

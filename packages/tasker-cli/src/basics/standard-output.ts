/** Standard output, for results. */
export const standardOutput: NodeJS.WriteStream = process.stdout;

/** Whatever else is printed there from now on, by whichever way of Node, goes to standard error. */
export function keepForResults(): void {
  Object.defineProperty(process, 'stdout', { get: () => process.stderr, configurable: true, enumerable: true });
}

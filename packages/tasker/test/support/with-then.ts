/** An object whose `then` is what `read` gives, each time anew. */
export const withThen = (read: () => unknown): object => Object.defineProperty({}, 'then', { get: read }); // oxlint-disable-line unicorn/no-thenable -- that is its purpose

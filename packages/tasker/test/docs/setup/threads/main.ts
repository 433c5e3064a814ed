export const bytes = new Uint8Array(1_000);
export const pixels = new Uint8Array(1_000);

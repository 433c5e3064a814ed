import { styleText } from 'node:util';

/** Gives text a colour, or another style of `util.styleText`, where it will be seen. */
export type Paint = (style: Parameters<typeof styleText>[0], text: string) => string;

/** For a stream: on a terminal that has colours, unless `NO_COLOR` is set; elsewhere if `FORCE_COLOR` is. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return (style, text) => styleText(style, text, { stream, validateStream: true });
}

/** Leaves text as it is. */
export const noPaint: Paint = (_style, text) => text;

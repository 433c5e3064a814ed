/** A piece of HTML, in which all text from outside is escaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may be put between pieces of HTML: only `Markup` is not escaped. */
export type Inserted = Markup | string | number | readonly Inserted[];

/** HTML with values in it. A value is text, or in quotes that of an attribute. */
export function html(pieces: TemplateStringsArray, ...values: readonly Inserted[]): Markup {
  return new Markup(pieces.map((piece, i) => (i === 0 ? '' : textOf(values[i - 1] ?? '')) + piece).join(''));
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function textOf(value: Inserted): string {
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map((part) => textOf(part)).join('');
  return String(value).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}

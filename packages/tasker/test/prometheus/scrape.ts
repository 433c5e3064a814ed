/** One line of a scrape: its labels and its value. */
export interface Line {
  readonly labels: Record<string, string>;
  readonly value: number;
}

/** A scrape, read: the lines by the name of the sample. */
export class Scrape {
  readonly text: string;
  readonly lines: ReadonlyMap<string, Line[]>;

  constructor(text: string) {
    this.text = text;
    const lines = new Map<string, Line[]>();
    for (const line of text.split('\n')) {
      if (line === '' || line.startsWith('#')) continue;
      const [, name = '', labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      if (value === undefined) throw new Error(`not a line of a scrape: ${line}`);
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', text = '']) => [key, text]);
      lines.set(name, [...(lines.get(name) ?? []), { labels: Object.fromEntries(pairs), value: Number(value) }]);
    }
    this.lines = lines;
  }

  /** The value of the only line with these labels; undefined if there is none. */
  value(name: string, labels: Record<string, string> = {}): number | undefined {
    const found = (this.lines.get(name) ?? []).filter((line) =>
      Object.entries(labels).every(([key, value]) => line.labels[key] === value),
    );
    if (found.length > 1) throw new Error(`${found.length} lines ${name} with ${JSON.stringify(labels)}`);
    return found[0]?.value;
  }

  /** Of all lines of that name. */
  sum(name: string): number {
    return (this.lines.get(name) ?? []).reduce((sum, { value }) => sum + value, 0);
  }

  /** What is repeated, and must not be. */
  get repeated(): string[] {
    const keys = this.text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (line.startsWith('#') ? line : line.slice(0, line.lastIndexOf(' '))));
    return keys.filter((key, i) => keys.indexOf(key) !== i);
  }
}

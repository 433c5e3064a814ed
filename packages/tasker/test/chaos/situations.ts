/** Counts in how many lives something happened, to prove that the chaos reaches everything. */
export class Situations {
  lives = 0;
  readonly #counts = new Map<string, number>();

  add(met: Iterable<string>): void {
    this.lives++;
    for (const situation of met) this.#counts.set(situation, this.count(situation) + 1);
  }

  count(situation: string): number {
    return this.#counts.get(situation) ?? 0;
  }

  /** A table, sorted by name. */
  toString(): string {
    const width = Math.max(...[...this.#counts.keys()].map((name) => name.length));
    return [...this.#counts]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, count]) => `  ${name.padEnd(width)}  ${String(count).padStart(9)}`)
      .join('\n');
  }
}

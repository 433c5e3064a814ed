/** What `tasker init` writes: the files of `templates/<name>`, and what is said of them. */
export interface Template {
  readonly name: string;
  /** What it does, in a line. */
  readonly summary: string;
  /** What its module imports, besides `tasker-cli`. */
  readonly packages: readonly string[];
  /** What is to be run once after the packages were installed. */
  readonly setup?: string;
  /** The arguments of `tasker run` that try it. */
  readonly run: string;
  /** The files in which that leaves results. */
  readonly outputs: readonly string[];
  /** What to change, and where. */
  readonly edits: readonly (readonly [what: string, where: string])[];
}

export const TEMPLATES: readonly Template[] = [
  {
    name: 'thumbs',
    summary: 'thumbnails of photos, by sharp',
    packages: ['sharp'],
    run: 'thumbs.mjs "photos/*.jpg" --out thumbs.jsonl',
    outputs: ['thumbs.jsonl'],
    edits: [
      ['your photos', 'another glob, such as "trip/**/*.jpg"'],
      ['size, format', 'at the top and the end of thumbs.mjs'],
    ],
  },
  {
    name: 'http',
    summary: 'pages of a list of URLs, by fetch',
    packages: [],
    run: 'http.mjs --lines urls.txt --out pages.jsonl',
    outputs: ['pages.jsonl'],
    edits: [
      ['your pages', 'full URLs in urls.txt, a line each'],
      ['how fast', '`rate` in http.mjs, or --rate 5/s'],
    ],
  },
  {
    name: 'sql',
    summary: 'rows of a CSV file into PostgreSQL',
    packages: ['pg', '@electric-sql/pglite'],
    run: 'sql.mjs --csv people.csv --key email --out imported.jsonl --failures failed.jsonl',
    outputs: ['imported.jsonl', 'failed.jsonl'],
    edits: [
      ['the row that fails', 'wrong on purpose: see failed.jsonl'],
      ['your database', 'DATABASE_URL; its table: sql-table.sql'],
      ['your columns', '`run` in sql.mjs'],
    ],
  },
  {
    name: 'browser',
    summary: 'screenshots of pages, by Playwright',
    packages: ['playwright'],
    setup: 'npx playwright install chromium',
    run: 'browser.mjs "pages/*.html" --out screenshots.jsonl',
    outputs: ['screenshots.jsonl'],
    edits: [
      ['your pages', '--lines FILE, with URLs, for the glob'],
      ['what it does there', '`run` in browser.mjs'],
      ['a browser you have', 'its path in CHROME_PATH'],
    ],
  },
  {
    name: 'llm',
    summary: "an LLM's answer to each record",
    packages: [],
    run: 'llm.mjs --jsonl tickets.jsonl --out answers.jsonl',
    outputs: ['answers.jsonl'],
    edits: [
      ['a real model', 'OPENAI_BASE_URL, OPENAI_API_KEY, MODEL'],
      ['your question', 'PROMPT and ANSWER in llm.mjs'],
      ['your limits', 'REQUESTS and TOKENS in llm.mjs'],
    ],
  },
];

/** A line for each template. */
export const templateList = (): string[] => TEMPLATES.map(templateLine);

export const templateLine = ({ name, summary }: Template): string => `${name.padEnd(8)} ${summary}`;

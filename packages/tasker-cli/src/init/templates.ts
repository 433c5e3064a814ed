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
  /** The files in which that leaves results, that of all items first. */
  readonly outputs: readonly [all: string, ...others: string[]];
  /** What comes out of it, in a sentence or two. */
  readonly result: string;
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
    result: 'The thumbnails are in photos/thumbs; thumbs.jsonl has a line for each photo.',
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
    result: 'pages.jsonl has a line for each page. The pages are of a demo site, http-demo.mjs.',
    edits: [
      ['your pages', 'full URLs in urls.txt, one a line'],
      ['how fast', '`rate` in http.mjs, or --rate 5/s'],
    ],
  },
  {
    name: 'sql',
    summary: 'rows of a CSV file into PostgreSQL',
    packages: ['pg', '@electric-sql/pglite'],
    run: 'sql.mjs --csv people.csv --key email --out imported.jsonl --failures failed.jsonl',
    outputs: ['imported.jsonl', 'failed.jsonl'],
    result: 'The rows are in a demo database, sql-demo-db. One is wrong on purpose: see failed.jsonl.',
    edits: [
      ['your database', 'its URL in DATABASE_URL; sql-table.sql makes the table'],
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
    result: 'The pictures are in screenshots; screenshots.jsonl has a line for each page.',
    edits: [
      ['your pages', '--lines FILE in place of the glob: a URL a line'],
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
    result: 'answers.jsonl has a line for each ticket. A stand-in answers, llm-demo.mjs, not a model.',
    edits: [
      ['a real model', 'set OPENAI_BASE_URL, OPENAI_API_KEY and MODEL'],
      ['your question', 'PROMPT and ANSWER in llm.mjs'],
      ['your limits', 'REQUESTS and TOKENS in llm.mjs'],
    ],
  },
];

/** A line for each template. */
export const templateList = (): string[] => TEMPLATES.map(templateLine);

export const templateLine = ({ name, summary }: Template): string => `${name.padEnd(8)} ${summary}`;

import type { CodeBlock } from './markdown.ts';

/** A file that the code of a page makes. */
export interface ProgramFile {
  /** Such as `main.ts`, or what the page calls it. */
  readonly name: string;
  /** To be checked: all of it. */
  readonly text: string;
  /** Where each line of `text` comes from. */
  readonly places: readonly string[];
  /** To be run: without the blocks that are not. Undefined if nothing is left. */
  readonly runnable: string | undefined;
  /** What `console.log(…); // → this` promises to print, in order. */
  readonly prints: readonly string[];
}

/** What a page leaves to its reader, by file: it is put before the code of the page. */
export type Setup = ReadonlyMap<string, string>;

const CODE = /^(ts|mts|js|mjs|typescript|javascript)$/;
const FILE_NAME = /^\/\/ ([\w.-]+\.(?:ts|mts|js|mjs))(?:: .*)?$/;
const PRINTS = /console\.log\(.*\/\/ → (.+)$/;

export const isCode = ({ language }: CodeBlock): boolean => CODE.test(language);

interface Piece {
  readonly lines: readonly string[];
  /** The number of the first one. */
  readonly line: number;
  readonly isRun: boolean;
}

/**
 * The files that the code blocks of a page make.
 *
 * A line such as `// heavy.ts` names the file of what follows. What names none is one program, `main.ts`, from the top of
 * the page to its end. There each block is a scope inside the scope of the block before it, so that a later one sees the names of the
 * earlier ones, and may declare them anew:
 *
 * ```
 * imports          of all blocks and of the setup
 * setup            what the page leaves to its reader
 * { first block
 * { second block
 * }}
 * ```
 *
 * The pieces of a file with a name follow each other.
 */
export function toPrograms(page: string, blocks: readonly CodeBlock[], setup: Setup): ProgramFile[] {
  const files = new Map<string, Piece[]>();
  let main = 'main.ts';
  for (const block of blocks) {
    if (block.marks.fragment !== undefined) continue;
    if (block.marks.isNewProgram && files.has(main)) main = `main-${block.line}.ts`;
    for (const { name, ...piece } of split(block)) {
      const file = name === undefined || name === 'main.ts' ? main : name;
      files.set(file, [...(files.get(file) ?? []), { ...piece, isRun: block.marks.notRun === undefined }]);
    }
  }
  const made = [...files].map(([name, pieces]) => toFile(page, name, pieces, setup));
  const others = [...setup].filter(([name]) => name !== 'main.ts' && !files.has(name));
  return [
    ...made,
    ...others.map(([name, text]) => ({ name, text, places: [], runnable: text, prints: [] as readonly string[] })),
  ];
}

function split({ lines, line }: CodeBlock): { name?: string; lines: string[]; line: number }[] {
  const pieces: { name?: string; lines: string[]; line: number }[] = [];
  for (const [at, text] of lines.entries()) {
    const name = FILE_NAME.exec(text)?.[1];
    if (name !== undefined) pieces.push({ name, lines: [], line: line + at });
    if (pieces.length === 0) pieces.push({ lines: [], line: line + at });
    pieces.at(-1)?.lines.push(text);
  }
  return pieces;
}

function toFile(page: string, name: string, pieces: readonly Piece[], setup: Setup): ProgramFile {
  const isMain = /^main(-\d+)?\.ts$/.test(name);
  const before = setup.get(isMain ? 'main.ts' : name) ?? '';
  const run = pieces.filter(({ isRun }) => isRun);
  const { text, places } = assemble(page, pieces, before, isMain);
  return {
    name,
    text,
    places,
    runnable: run.length === 0 ? undefined : assemble(page, run, before, isMain).text,
    prints: run.flatMap(({ lines }) => lines).flatMap((line) => PRINTS.exec(line)?.[1] ?? []),
  };
}

function assemble(page: string, pieces: readonly Piece[], before: string, isMain: boolean) {
  const lines: string[] = [];
  const places: string[] = [];
  const add = (text: string, place: string): void => {
    lines.push(text);
    places.push(place);
  };
  const setup = withoutImports(before);
  const bodies = pieces.map(({ lines, line }) => ({ line, ...withoutImports(lines.join('\n')) }));
  for (const each of merge(
    page,
    [setup, ...bodies].flatMap(({ imports }) => imports),
  ))
    add(each, `${page}: imports`);
  for (const each of setup.text.split('\n')) add(each, `${page}: setup`);
  if (isMain) {
    add(`const here = { block: '' };`, page);
    add(`process.on('exit', (code) => void (code === 0 || console.error('in the block at ' + here.block)));`, page);
  }
  for (const { line, text } of bodies) {
    if (isMain) add(`{ here.block = '${page}:${line}';`, page);
    for (const [at, each] of text.split('\n').entries()) {
      // A scope exports nothing.
      add(isMain ? each.replace(/^export (?=\w)/, '') : each, `${page}:${line + at}`);
    }
  }
  if (isMain) {
    add(`${'}'.repeat(bodies.length)} export {};`, page);
    if (/function end\(/.test(setup.text)) add('await end();', page);
  }
  return { text: lines.join('\n'), places };
}

const IMPORT = /^import\s+(?:([^'"();]+?)\s+from\s+)?['"]([^'"]+)['"];?[^\S\n]*(\/\/.*)?$/gm;

/** The code with empty lines in place of its import declarations, and those. */
function withoutImports(code: string): { text: string; imports: Import[] } {
  const imports: Import[] = [];
  const text = code.replace(IMPORT, (declaration, clause: string | undefined, module: string) => {
    imports.push(...importsOf(clause, module));
    return '\n'.repeat(declaration.split('\n').length - 1);
  });
  return { text, imports };
}

interface Import {
  readonly module: string;
  /** `*`, `default` or the name of the export; empty for an import that only runs the module. */
  readonly imported: string;
  readonly local: string;
  readonly isType: boolean;
}

function importsOf(clause: string | undefined, module: string): Import[] {
  if (clause === undefined) return [{ module, imported: '', local: module, isType: false }];
  const isTypes = /^type\s/.test(clause);
  const rest = clause.replace(/^type\s+/, '');
  const [, named = ''] = /\{([\s\S]*)\}/.exec(rest) ?? [];
  const names = named.split(',').map((each) => each.trim());
  const others = rest.replace(/\{[\s\S]*\}/, '').split(',');
  return [
    ...others
      .map((each) => each.trim())
      .filter((each) => each !== '')
      .map((each) => {
        const namespace = /^\* as (\S+)$/.exec(each)?.[1];
        return {
          module,
          imported: namespace === undefined ? 'default' : '*',
          local: namespace ?? each,
          isType: isTypes,
        };
      }),
    ...names
      .filter((each) => each !== '')
      .map((each) => {
        const [imported = '', local = imported] = each.replace(/^type\s+/, '').split(/\s+as\s+/);
        return { module, imported, local, isType: isTypes || /^type\s/.test(each) };
      }),
  ];
}

/** Each name once, however many blocks import it. */
function merge(page: string, imports: readonly Import[]): string[] {
  const byName = new Map<string, Import>();
  for (const each of imports) {
    const known = byName.get(each.local);
    if (known !== undefined && (known.module !== each.module || known.imported !== each.imported)) {
      throw new Error(`${page}: ${each.local} is imported from ${known.module} and from ${each.module}`);
    }
    if (known === undefined || known.isType) byName.set(each.local, each);
  }
  return [...byName.values()].map(({ module, imported, local, isType }) => {
    if (imported === '') return `import '${module}';`;
    const clause = imported === '*' ? `* as ${local}` : `{ ${imported} as ${local} }`;
    return `import ${isType ? 'type ' : ''}${clause} from '${module}';`;
  });
}

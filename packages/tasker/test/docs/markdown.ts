/** How a page says that a block is not treated as others are; each stands in an HTML comment before the block. */
export interface Marks {
  /** Neither checked nor run, and why. */
  readonly fragment?: string;
  /** Checked, but not run, and why. */
  readonly notRun?: string;
  /** Begins a program of its own: what stands above is not in scope. */
  readonly isNewProgram?: boolean;
}

/** A fenced code block. */
export interface CodeBlock {
  /** What stands behind the fence, such as `ts`. */
  readonly language: string;
  readonly lines: readonly string[];
  /** The number of its first line in the page. */
  readonly line: number;
  readonly marks: Marks;
}

const FENCE = /^( *)(`{3,}|~{3,})\s*([^\s`]*)/;
const COMMENT = /^<!--\s*(.*?)\s*-->$/;
const MARK = /^(fragment|not run|new program)\b\s*:?\s*(.*)$/;

/** The code blocks of a page in Markdown. Throws for a mark that is wrong or belongs to no block. */
export function codeBlocks(page: string, text: string): CodeBlock[] {
  const lines = text.split('\n');
  const blocks: CodeBlock[] = [];
  let marks: Marks = {};
  let marksAt = 0;
  const noMarks = (): void => {
    if (Object.keys(marks).length > 0) throw new Error(`${page}:${marksAt}: the comment marks no code block`);
  };
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const fence = FENCE.exec(line);
    if (fence !== null) {
      const [, indent = '', mark = '', language = ''] = fence;
      const start = at + 1;
      do at += 1;
      while (at < lines.length && !(lines[at] ?? '').trim().startsWith(mark));
      if (at === lines.length) throw new Error(`${page}:${start}: the code block has no end`);
      const code = lines.slice(start, at).map((each) => each.replace(new RegExp(`^ {0,${indent.length}}`), ''));
      blocks.push({ language, lines: code, line: start + 1, marks });
      marks = {};
      continue;
    }
    const mark = MARK.exec(COMMENT.exec(line.trim())?.[1] ?? '');
    if (mark !== null) {
      marks = { ...marks, ...toMark(`${page}:${at + 1}`, mark) };
      marksAt = at + 1;
    } else if (line.trim() !== '' && !COMMENT.test(line.trim())) noMarks();
  }
  noMarks();
  return blocks;
}

function toMark(place: string, [, kind, reason = '']: RegExpExecArray): Marks {
  if (kind === 'new program') return { isNewProgram: true };
  if (reason === '') throw new Error(`${place}: "${kind}" needs a reason: <!-- ${kind}: why -->`);
  return kind === 'fragment' ? { fragment: reason } : { notRun: reason };
}

/** The code blocks of the docblocks of a source file; each is a program of its own. */
export function docblockBlocks(file: string, source: string): CodeBlock[] {
  const lines = source.split('\n').map((line) => /^\s*\* ?(.*)$/.exec(line)?.[1] ?? '');
  return codeBlocks(file, lines.join('\n'))
    .filter(({ language }) => language !== '') // drawings
    .map((block) => ({ ...block, marks: { ...block.marks, isNewProgram: true } }));
}

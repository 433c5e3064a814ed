import { shellWord } from '../basics/shell-word.ts';

/** Flags of which each stands for the others. */
const RESUMING = ['--resume', '--resume-failed'];

/** A command line that resumes what one with these arguments has begun, to be pasted into a shell. */
export function resuming(args: readonly string[], flag: '--resume' | '--resume-failed'): string {
  const others = args.filter((arg) => !RESUMING.includes(arg));
  const end = others.indexOf('--'); // what follows are names
  others.splice(end < 0 ? others.length : end, 0, flag);
  const npx = process.env['npm_command'] === 'exec' ? ['npx'] : [];
  return [...npx, 'tasker', ...others.map((arg) => shellWord(arg))].join(' ');
}

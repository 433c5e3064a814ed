/** Flags of which each stands for the others. */
const RESUMING = ['--resume', '--resume-failed'];

/** A command line that resumes what one with these arguments has begun, to be pasted into a shell; `seed` is that of its shuffle. */
export function resuming(args: readonly string[], flag: '--resume' | '--resume-failed', seed?: number): string {
  const others = args
    .map((arg, i) => (arg === '--shuffle' && !/^\d+$/.test(args[i + 1] ?? '') ? `--shuffle=${seed}` : arg))
    .filter((arg) => !RESUMING.includes(arg));
  const end = others.indexOf('--');
  others.splice(end < 0 ? others.length : end, 0, flag);
  const npx = process.env['npm_command'] === 'exec' ? ['npx'] : [];
  return [...npx, 'tasker', ...others.map((arg) => quoted(arg))].join(' ');
}

/** An argument as a POSIX shell reads it. */
function quoted(arg: string): string {
  return /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", String.raw`'\''`)}'`;
}

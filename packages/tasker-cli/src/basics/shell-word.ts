/** A word of a command line, to be pasted into a shell: `cmd.exe` on Windows, elsewhere one that reads as POSIX says. */
export function shellWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return process.platform === 'win32' ? `"${word}"` : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Where `starttime` is, of what follows the name of the process. */
const START_TIME = 19;

/** When a process has begun, as the system says it: text to compare. Undefined where it does not say, as on Windows. */
export async function processStart(pid: number): Promise<string | undefined> {
  return (await ofProc(pid).catch(() => ofPs(pid))) || undefined;
}

/** Linux counts from its boot. The name may have brackets and spaces itself. */
async function ofProc(pid: number): Promise<string> {
  const [stat, boot] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
  ]);
  const [ticks = ''] = stat
    .slice(stat.lastIndexOf(') ') + 2)
    .split(' ')
    .slice(START_TIME);
  return `${boot.trim()} ${ticks}`;
}

/** macOS and BSD: a date. */
async function ofPs(pid: number): Promise<string> {
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  const ps = promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)], { env });
  return ps.then(({ stdout }) => stdout.trim()).catch(() => '');
}

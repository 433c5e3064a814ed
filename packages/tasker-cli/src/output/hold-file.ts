import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { codeOf } from '../basics/usage-error.ts';
import { realName } from './own-file.ts';

/**
 * Holds a file for this process until it ends, however that is. What is held is a name that the system knows, not a file, which a
 * process that was killed would leave behind. Resolves with false if another process of this machine holds it. Elsewhere than on
 * Linux and Windows there are no such names, and nothing is held.
 */
export function holdFile(path: string): Promise<boolean> {
  const name = `tasker-${createHash('sha256').update(realName(path)).digest('hex')}`;
  const address = { linux: `\0${name}`, win32: `\\\\?\\pipe\\${name}` }[process.platform as string];
  if (address === undefined) return Promise.resolve(true);
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    // Where a name cannot be had for another reason, as without a network of any kind, nothing is held.
    server.once('error', (error) => resolve(codeOf(error) !== 'EADDRINUSE'));
    server.listen(address, () => resolve(true)).unref();
  });
}

// Preloaded by a test, in every thread: the first one that reads the manifest of the package `fatal` ends there, as a
// thread does that is killed while it works. The file `poison` says that none has done so yet.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const { readFileSync } = fs;

if (!isMainThread) {
  fs.readFileSync = /** @type {typeof readFileSync} */ (
    (path, options) => {
      if (/fatal.package\.json$/.test(String(path)) && fs.existsSync('poison')) {
        fs.unlinkSync('poison');
        process.exit(); // of the thread
      }
      return readFileSync(path, options);
    }
  );
  syncBuiltinESMExports();
}

/** Has a thread take TypeScript; `--import tsx` alone does so from Node 22. */
import { register } from 'tsx/esm/api';

register();

import { conformance } from './suite.ts';
import { redisStore } from '../support/stores.ts';

conformance(redisStore);

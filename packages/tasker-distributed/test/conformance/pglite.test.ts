import { conformance } from './suite.ts';
import { memoryStore } from '../support/stores.ts';

conformance(memoryStore);

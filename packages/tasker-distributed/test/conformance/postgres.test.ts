import { conformance } from './suite.ts';
import { postgresStore } from '../support/stores.ts';

conformance(postgresStore);

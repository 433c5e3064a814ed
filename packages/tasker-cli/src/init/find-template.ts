import { closestMatch } from 'leven';
import { UsageError } from '../basics/usage-error.ts';
import { TEMPLATES, templateList } from './templates.ts';
import type { Template } from './templates.ts';

/** Most letters that a name may be away from the one that was meant. */
const MAX_DISTANCE = 3;

/** The template of that name. Throws `UsageError` if there is none. */
export function findTemplate(name: string): Template {
  const found = TEMPLATES.find((template) => template.name === name);
  if (found !== undefined) return found;
  const names = TEMPLATES.map((template) => template.name);
  const meant = closestMatch(name.toLowerCase(), names, { maxDistance: MAX_DISTANCE });
  throw new UsageError(`there is no template ${name}${meant === undefined ? '' : `, did you mean ${meant}?`}${LIST}`);
}

/** Why nothing is asked where nobody can answer. */
export const noTemplate = (): UsageError => new UsageError(`name a template: tasker init TEMPLATE${LIST}`);

const LIST = ['\n', ...templateList()].join('\n  ');

import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { ShownTask } from '../basics/messages.ts';
import type { Action } from './action.ts';
import type { Api } from './api.ts';

/** What every part of the page may use. */
export interface Tools {
  readonly api: Api;
  readonly isReadOnly: boolean;
  /** Asks, and does it. */
  readonly confirm: (action: Action) => void;
  /** Shows the life of a task. */
  readonly open: (manager: string, task: ShownTask) => void;
  /** Tells those who see it and those who hear it. */
  readonly say: (text: string) => void;
}

const ToolsContext = createContext<Tools | undefined>(undefined);

export const ToolsProvider = ToolsContext.Provider;

export function useTools(): Tools {
  const tools = useContext(ToolsContext);
  if (tools === undefined) throw new Error('there are no tools');
  return tools;
}

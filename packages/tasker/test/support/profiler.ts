/** The head of a script that counts what runs, by the engine's own profiler: `post(method, params)` asks it, and gives the answer. */
export const PROFILER = `
  import { Session } from 'node:inspector';
  const session = new Session();
  session.connect();
  const post = (method, params) => {
    let result;
    session.post(method, params, (error, value) => {
      if (error) throw new Error(error.message);
      result = value;
    });
    return result;
  };
  post('Profiler.enable');
`;

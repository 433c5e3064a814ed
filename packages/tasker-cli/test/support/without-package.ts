/** A flag of Node with which a package seems not to be installed. */
export function withoutPackage(name: string): string {
  const hooks = `export function resolve(specifier, context, next) {
    if (specifier !== '${name}') return next(specifier, context);
    throw Object.assign(new Error("Cannot find package '${name}'"), { code: 'ERR_MODULE_NOT_FOUND' });
  }`;
  return `--import=${script(`import { register } from 'node:module'; register(${JSON.stringify(script(hooks))});`)}`;
}

const script = (text: string): string => `data:text/javascript,${encodeURIComponent(text)}`;

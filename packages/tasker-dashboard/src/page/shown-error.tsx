import type { JSX } from 'preact';
import type { ShownError } from '../basics/shown-error.ts';

/** An error with its stack and what is behind it, as text. */
export function ErrorDetails({ error }: { readonly error: ShownError }): JSX.Element {
  const { name, message, code, stack, cause } = error;
  return (
    <div class="error">
      <p>
        <strong class="bad">{name}</strong>
        {code !== undefined && <code> {code}</code>}: <bdi class="message">{message}</bdi>
      </p>
      {stack !== undefined && stack !== '' && (
        <pre tabIndex={0} aria-label="Stack">
          {stack}
        </pre>
      )}
      {cause !== undefined && (
        <>
          <p class="muted">caused by</p>
          <ErrorDetails error={cause} />
        </>
      )}
    </div>
  );
}

import { render } from 'preact';
import { Api } from './api.ts';
import { App } from './app.tsx';
import { Model } from './model.ts';
import { Stream } from './stream.ts';

const metaOf = (name: string): string =>
  document.querySelector<HTMLMetaElement>(`meta[name="tasker-${name}"]`)?.content ?? '';

/** Where the server is mounted, without a slash at its end; if it does not know, the page is. */
const base = metaOf('base') || location.pathname.replace(/\/[^/]*$/, '');

const show = (): void => {
  const place = document.getElementById('page');
  if (place !== null) render(<App model={model} api={api} onRetry={() => stream.retry()} />, place);
};

const model = new Model(metaOf('version'), show);
model.token = metaOf('token');
const api = new Api(base, () => model.token);
const stream = new Stream(api.streamUrl, {
  message: (event, data) => model.apply(event, data),
  connection: (connection) => model.connected(connection),
});
show();
stream.retry();

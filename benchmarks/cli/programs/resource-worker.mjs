// For `tasker run`.

import { makeResource } from './resource.mjs';

export default {
  onCreate: makeResource,
  onDestroy: () => {},
  run: (item, resource) => resource.double(item),
};

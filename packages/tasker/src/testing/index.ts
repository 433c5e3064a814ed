export { VirtualClock } from './virtual-clock.ts';
export type { VirtualTimer } from './virtual-clock.ts';
export { FakeResource } from './fake-resource.ts';
export type { FakeResourceOptions, FakeResourceState } from './fake-resource.ts';
export { fakeResources } from './fake-resources.ts';
export type { FakeClientsOptions, FakeResources, FakeResourcesOptions } from './fake-resources.ts';

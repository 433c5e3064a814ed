/** A resource that gets sick: a renderer crashes now and then, is replaced, and its image is rendered by the next one. */
import { createTaskManager } from 'tasker';

/** Says that the renderer is done for. Any other error is the image's own fault. */
class RendererCrashed extends Error {}

let renderers = 0;

/** Inverts images, and runs out of memory on the fifth. */
class Renderer {
  readonly id: number = ++renderers;
  #images = 0;

  invert(image: Uint8Array): Uint8Array {
    this.#images++;
    if (this.#images > 4) throw new RendererCrashed(`renderer ${this.id} is out of memory`);
    if (image.length === 0) throw new RangeError('the image has no pixels');
    return image.map((pixel) => 255 - pixel);
  }
}

const manager = await createTaskManager<Renderer>({
  onCreate: () => new Renderer(),
  onDestroy: (renderer, reason) => console.log(`renderer ${renderer.id} destroyed: ${reason}`),
  checkHealth: (error) => !(error instanceof RendererCrashed), // false: replace the renderer, retry the image
  workerCount: 1,
  maxWorkerCount: 1,
  resourcePoolSize: 0,
  maxRetries: 2,
});

manager.on('retried', ({ task, error }) => {
  console.log(`${task.name} is tried again: ${(error as Error).message}`);
});

// Ten images of 4 × 4 pixels; the seventh is broken.
const images = Array.from({ length: 10 }, (_, index) => new Uint8Array(index === 6 ? 0 : 16).fill(index));

const results = await Promise.allSettled(
  images.map((image, index) => manager.queueTask((renderer) => renderer.invert(image), { name: `image ${index + 1}` })),
);

for (const [index, result] of results.entries()) {
  if (result.status === 'rejected') console.log(`image ${index + 1} failed: ${(result.reason as Error).message}`);
}
await manager.stop();

const { totalTasksCompleted, totalTasksFailed, totalTasksRetried } = manager.metrics();
console.log(`${totalTasksCompleted} images, ${totalTasksFailed} broken, ${totalTasksRetried} retries`);
console.log(`${renderers} renderers were used`);

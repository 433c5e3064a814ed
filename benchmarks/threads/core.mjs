// Which build of the core takes part: the main process passes a copy, so that a build in the meantime changes nothing.

/** The address of `tasker`, to be imported. */
export const core = process.env.TASKER_CORE ?? import.meta.resolve('tasker');
/** That of `tasker/threads`. */
export const coreThreads = new URL('./threads/index.js', core).href;

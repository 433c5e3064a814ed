// Loaded first: a machine whose clock is wrong by `CLOCK` ms.
const { now } = Date;
const by = Number(process.env.CLOCK);
Date.now = () => now() + by;

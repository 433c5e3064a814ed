// One contestant in one situation, in a process of its own: node child.mjs <situation> <contestant>

const [file, contestant] = process.argv.slice(2);
const { default: situation } = await import(`./situations/${file}`);

let unhandled = 0;
process.on('unhandledRejection', () => {
  unhandled += 1;
});

const { right, outcome } = await situation.scenario(situation.contestants[contestant]);
// A rejection counts as unhandled once the microtasks of its turn have run.
await new Promise((resolve) => setImmediate(resolve));

const result =
  unhandled === 0
    ? { right, outcome }
    : { right: false, outcome: `${outcome}; ${unhandled} unhandled rejection${unhandled === 1 ? '' : 's'}` };
process.send(result, () => process.exit());

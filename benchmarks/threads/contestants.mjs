// Who takes part, in the order of the tables: a file of `contestants/` each. A workload may be `without` some.

/** What one would write by hand; who is called otherwise in the tables. */
export const NAMES = { bare: 'by hand', 'bare-loop': 'by hand, no messages', tasker: '**tasker**' };

/** The libraries. */
export const libraries = ['tasker', 'poolifier', 'piscina', 'tinypool', 'workerpool'];

export const contestants = ['bare', 'bare-loop', ...libraries];

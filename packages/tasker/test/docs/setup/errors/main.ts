/** The programs of these pages are whole. */
export {};

// The fonts of the system: nothing has to be loaded.
export { default } from 'vitepress/theme-without-fonts';

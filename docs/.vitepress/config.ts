import { defineConfig } from 'vitepress';
import { ADDRESS, NO_PAGES, anchorOf, pathOf, placeOf, targetOf } from './places.ts';
import { sidebar } from './sidebar.ts';

/** Tables of options and lines of code need more room than prose. */
const WIDE = `
  .VPDoc.has-sidebar .container { max-width: 1200px !important }
  .VPDoc.has-aside .content-container { max-width: 900px !important }
`;

export default defineConfig({
  title: 'tasker',
  description: 'Runs tasks on scarce, long-lived resources',
  head: [
    ['link', { rel: 'icon', href: 'data:,' }],
    ['style', {}, WIDE],
  ],
  srcDir: '..',
  srcExclude: NO_PAGES,
  rewrites: (path) => placeOf(path) ?? path,
  cleanUrls: true,
  vite: { build: { chunkSizeWarningLimit: 1_000 } }, // the index of the search, which is loaded when somebody searches
  markdown: {
    anchor: { slugify: anchorOf },
    config: (md) => {
      const render = md.renderer.rules['link_open'];
      md.renderer.rules['link_open'] = (tokens, at, options, env: { path: string; realPath?: string }, self) => {
        const token = tokens[at];
        const link = token?.attrGet('href');
        if (token && link) token.attrSet('href', targetOf(link, pathOf(env.realPath ?? env.path)));
        return render?.(tokens, at, options, env, self) ?? '';
      };
    },
  },
  themeConfig: {
    nav: [
      { text: 'Quickstart', link: '/quickstart' },
      { text: 'Reference', link: '/reference' },
      { text: 'Errors', link: '/errors/' },
    ],
    sidebar: sidebar(),
    outline: [2, 3],
    search: { provider: 'local' }, // an index in the site: nothing outside is asked
    socialLinks: [{ icon: 'github', link: ADDRESS }],
    editLink: { pattern: `${ADDRESS}/edit/main/:path`, text: 'Edit this page' },
    footer: { message: 'MIT licence' },
  },
  transformPageData(page) {
    if (page.filePath.startsWith('docs/api/')) page.frontmatter['editLink'] = false; // it is written by TypeDoc
  },
});

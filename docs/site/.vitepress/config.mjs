import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitepress';

/** What tools/docs.mjs has laid out in pages/. */
export default defineConfig({
  title: 'Regatta',
  description: 'Distributed training of attention models',
  lang: 'en',
  srcDir: 'pages',
  outDir: 'dist',
  cleanUrls: false,
  markdown: { attrs: { disable: true }, config: (md) => md.set({ html: false }) },
  themeConfig: {
    sidebar: JSON.parse(readFileSync(new URL('../pages/sidebar.json', import.meta.url), 'utf8')),
    outline: [2, 3],
    search: { provider: 'local' },
  },
});

// The pages of the documentation: which file each is made from, their order, and the links between them.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isOutside, replaceLinks } from './docs-links.mjs';
import { restReference } from './docs-rest.mjs';
import { root } from './paths.mjs';

/** Pages by the heading they stand under. `rest` is made from the OpenAPI document. */
const sections = {
  Begin: ['index', 'start', 'concepts'],
  Use: ['tasks', 'datasets', 'training', 'rest'],
  Operate: ['operations', 'security', 'gpu', 'scale', 'benchmarks'],
  Understand: ['architecture', 'distributed', 'decisions', 'contributing'],
};
const elsewhere = { index: 'README.md', benchmarks: 'bench/README.md', contributing: 'CONTRIBUTING.md' };

const titleOf = (markdown) => /^# +(.+)$/m.exec(markdown)[1];
const read = (file) => readFileSync(path.join(root, file), 'utf8');
const markdownIn = (folder) =>
  readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .sort();

/** Every Markdown file that a person reads, from the project's root. */
export const documents = () => [
  ...Object.values(elsewhere),
  ...['docs', 'docs/decisions'].flatMap((folder) => markdownIn(folder).map((name) => `${folder}/${name}`)),
];

/** The name of a file's page: docs/tasks.md is `tasks`; undefined for files that are none. */
function pageOf(file) {
  if (file === 'docs/decisions') return 'decisions';
  const other = Object.entries(elsewhere).find(([, source]) => source === file);
  return other?.[0] ?? /^docs\/(?!site\/)(.+)\.md$/.exec(file)?.[1];
}

/** The text of a file's page: links lead to pages, or where they lead into the source they are only text. */
function textOf(file) {
  const here = path.dirname(pageOf(file));
  const to = (place) => {
    const relative = path.relative(here, place);
    return relative.startsWith('.') ? relative : `./${relative}`;
  };
  return replaceLinks(read(file), ({ image, text, target, whole }) => {
    if (isOutside(target) || target.startsWith('#')) return whole;
    const [place, anchor] = target.split('#');
    const source = path.join(path.dirname(file), place).replace(/\/$/, '');
    const page = pageOf(source);
    if (page) return `[${text}](${to(page)}.md${anchor ? `#${anchor}` : ''})`;
    return image ? `![${text}](${to(path.relative('docs', source))})` : text;
  });
}

/** Lays the pages out for the generator, with `sidebar.json` beside them. */
export function layOut(folder) {
  rmSync(folder, { recursive: true, force: true });
  const write = (name, text) => {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  const titles = {};
  const page = (name, text) => {
    titles[name] = titleOf(text).replaceAll('`', '');
    write(`${name}.md`, text);
  };
  for (const file of documents()) page(pageOf(file), textOf(file));
  page('rest', restReference(JSON.parse(read('libs/client/openapi.json'))));
  const decisions = Object.keys(titles).filter((name) => name.startsWith('decisions/'));
  page('decisions', `# Decisions\n\n${decisions.map((name) => `- [${titles[name]}](./${name}.md)`).join('\n')}\n`);
  for (const name of readdirSync(path.join(root, 'docs')).filter((one) => /\.(png|svg)$/.test(one)))
    cpSync(path.join(root, 'docs', name), path.join(folder, name));
  const listed = Object.values(sections).flat();
  const lost = Object.keys(titles).filter((name) => !listed.includes(name) && !decisions.includes(name));
  if (lost.length > 0)
    throw new Error(`tools/docs-pages.mjs does not say where these pages belong: ${lost.join(', ')}`);
  const items = (names) => names.map((name) => ({ text: titles[name], link: `/${name}` }));
  write(
    'sidebar.json',
    JSON.stringify(Object.entries(sections).map(([text, names]) => ({ text, items: items(names) }))),
  );
}

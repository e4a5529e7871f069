// What the docs build and the check of links know about Markdown: fences, links and headings.
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

const fence = /^(`{3,}|~{3,})[^\n]*\n[\s\S]*?^\1[^\n]*$/gm;
const link = /(!?)\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)/g;

/** Replaces every link and picture outside of fenced code by what `replace({image, text, target, whole})` says. */
export function replaceLinks(markdown, replace) {
  const codes = [];
  const without = markdown.replace(fence, (code) => `\0${codes.push(code) - 1}\0`);
  return without
    .replace(link, (whole, bang, text, target) => replace({ image: bang !== '', text, target, whole }))
    .replace(/\0(\d+)\0/g, (_, i) => codes[Number(i)]);
}

/** The names that links can end with (`page.md#name`), as GitHub makes them of headings. */
export function anchorsOf(markdown) {
  const seen = new Map();
  return [...markdown.replace(fence, '').matchAll(/^#{1,6} +(.+)$/gm)].map(([, heading]) => {
    const slug = heading
      .replace(link, '$2')
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-');
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
}

export const isOutside = (target) => /^[a-z][a-z0-9+.-]*:/i.test(target);

/**
 * Relative links that lead nowhere, each as a sentence.
 * @param {string} root folder that the files are named from
 * @param {string[]} files Markdown files
 */
export function brokenLinks(root, files) {
  const broken = [];
  for (const file of files) {
    const markdown = readFileSync(path.join(root, file), 'utf8');
    replaceLinks(markdown, ({ target, whole }) => {
      if (isOutside(target)) return whole;
      const [place, anchor] = target.split('#');
      const found = place === '' ? file : path.join(path.dirname(file), decodeURI(place));
      const full = path.join(root, found);
      if (!existsSync(full)) broken.push(`${file}: ${target}: there is no ${found}`);
      else if (anchor && statSync(full).isFile() && !anchorsOf(readFileSync(full, 'utf8')).includes(anchor))
        broken.push(`${file}: ${target}: ${found} has no such heading`);
      return whole;
    });
  }
  return broken;
}

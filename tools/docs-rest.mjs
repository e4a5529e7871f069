// The REST reference, from the OpenAPI document.

const titles = { auth: 'Sign-in and keys', openapi: 'OpenAPI', health: 'Health' };
const methods = ['get', 'post', 'put', 'patch', 'delete'];

/** @param {object} document OpenAPI 3.1 @returns {string} Markdown */
export function restReference({ paths, components }) {
  const calls = Object.entries(paths).flatMap(([route, item]) =>
    methods.filter((method) => item[method]).map((method) => ({ method, route, ...item[method] })),
  );
  const tags = [...new Set(calls.map(({ tags: [tag] }) => tag))];
  const section = (tag) => [
    `## ${titles[tag] ?? tag[0].toUpperCase() + tag.slice(1)}`,
    ...calls.filter(({ tags: [own] }) => own === tag).flatMap(callText),
  ];
  const schemas = Object.entries(components.schemas).flatMap(([name, schema]) => [
    `### ${name}`,
    ...schemaText(schema),
  ]);
  return `${['# REST reference', introduction, ...tags.flatMap(section), '## Schemas', ...schemas].join('\n\n')}\n`;
}

const introduction = `Made from the OpenAPI document, which a running Regatta serves at \`/api/openapi.json\`, with a page to try it at \`/api/docs\`.
Send \`Authorization: Bearer KEY\`. Errors are problem documents (RFC 9457, \`application/problem+json\`): \`title\` and \`detail\` say what happened
and what to do, \`errors\` which fields are meant.`;

function callText({ method, route, summary, description, parameters = [], requestBody, responses }) {
  const fields = parameters.map(({ name, in: place, required, description: says, schema }) =>
    row(`${name}`, `${place}${required ? ', required' : ''}`, typeOf(schema), says ?? schema.description),
  );
  return [
    `### ${method.toUpperCase()} ${route}`,
    `${summary}. ${description ?? ''}`.trim(),
    ...(fields.length > 0 ? [table(['parameter', 'where', 'type', ''], fields)] : []),
    ...(requestBody ? bodyText(requestBody) : []),
    Object.entries(responses)
      .map(([status, { description: says, content }]) => `- **${status}** ${says}${contentText(status, content)}`)
      .join('\n'),
  ];
}

const contentText = (status, content) => {
  const [type, { schema } = {}] = Object.entries(content ?? {})[0] ?? [];
  return type && Number(status) < 400 ? `: ${type}, ${schema ? typeOf(schema) : ''}` : '';
};

const bodyText = ({ content }) =>
  Object.entries(content).flatMap(([type, { schema }]) => [
    `Body (\`${type}\`)${schema.$ref ? `: ${typeOf(schema)}` : ''}`,
    ...(schema.$ref ? [] : schemaText(schema)),
  ]);

function schemaText(schema) {
  const branches = schema.oneOf ?? schema.anyOf;
  if (branches)
    return branches.flatMap((branch, i) => [`**${nameOf(branch) ?? `Form ${i + 1}`}**`, ...schemaText(branch)]);
  const fields = fieldsOf(schema);
  return fields.length > 0 ? [table(['field', 'type', 'default', ''], fields)] : [typeOf(schema)];
}

/** What tells one form of a union from the others. */
const nameOf = ({ $ref, properties = {} }) =>
  $ref?.split('/').pop() ?? Object.values(properties).find(({ const: only }) => only !== undefined)?.const;

function fieldsOf({ properties = {}, required = [] }, before = '') {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const path = `${before}${name}`;
    if (schema.properties) return fieldsOf(schema, `${path}.`);
    const fallback =
      schema.default === undefined ? (required.includes(name) ? '' : '–') : JSON.stringify(schema.default);
    return [row(path, typeOf(schema), fallback, schema.description)];
  });
}

function typeOf(schema = {}) {
  if (schema.$ref) {
    const name = schema.$ref.split('/').pop();
    return `[${name}](#${name.toLowerCase()})`;
  }
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(', ');
  const branches = schema.oneOf ?? schema.anyOf;
  if (branches) return branches.map(typeOf).join(' or ');
  if (schema.type === 'array') return `list of ${typeOf(schema.items)}`;
  const least = schema.minimum ?? schema.minLength;
  const most = schema.maximum ?? schema.maxLength;
  const range = [least === undefined ? '' : `at least ${least}`, most === undefined ? '' : `at most ${most}`];
  return [[schema.type ?? 'any'].flat().join(' or '), schema.format, ...range].filter(Boolean).join(', ');
}

const cell = (text) =>
  String(text ?? '')
    .replaceAll('|', '\\|')
    .replaceAll('\n', ' ');
const row = (name, ...cells) => `| ${[`\`${name}\``, ...cells.map(cell)].join(' | ')} |`;
const table = (heads, rows) => [`| ${heads.join(' | ')} |`, `|${heads.map(() => '---|').join('')}`, ...rows].join('\n');

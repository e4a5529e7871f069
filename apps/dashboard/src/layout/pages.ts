/** The pages of the menu. */
export const pages = [
  { to: '/', label: 'Runs', exact: true },
  { to: '/new', label: 'New run', exact: true },
  { to: '/datasets', label: 'Datasets', exact: true },
  { to: '/models', label: 'Models', exact: true },
  { to: '/playground', label: 'Playground', exact: true },
  { to: '/lab', label: 'Lab', exact: true },
  { to: '/workers', label: 'Workers', exact: true },
] as const;

/** Those of the account's menu. */
export const accountPages = [{ to: '/api-keys', label: 'API keys' }] as const;

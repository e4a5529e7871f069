import { allRoutes } from '../routes.js';

const patterns = allRoutes.map((spec) => ({
  method: spec.method.toUpperCase(),
  path: new RegExp(`^${spec.path.replaceAll('.', '\\.').replace(/:\w+/g, '[^/]+')}/?$`, 'i'),
}));

/** The methods that some route takes at a path; none where there is no such path. */
export const allowedMethods = (path: string): string[] =>
  patterns
    .filter((pattern) => pattern.path.test(path))
    .map(({ method }) => method)
    .sort();

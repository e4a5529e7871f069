/** An answer that is more than a body with the route's first status. */
export class Reply {
  constructor(
    readonly status: number,
    readonly body?: unknown,
    readonly headers: Record<string, string> = {},
  ) {}
}

/** 201, with where the new thing is. */
export const created = (location: string, body: unknown): Reply => new Reply(201, body, { location });
/** 202, with the resource as it is now. */
export const accepted = (body: unknown): Reply => new Reply(202, body);
/** 204 */
export const deleted = (): Reply => new Reply(204);

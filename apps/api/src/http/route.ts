import {
  applyDecorators,
  createParamDecorator,
  type ExecutionContext,
  RequestMapping,
  RequestMethod,
  SetMetadata,
} from '@nestjs/common';
import type { Role } from '@regatta/contracts';
import type { Request } from 'express';
import type { z } from 'zod';
import { parseBody, parseParams, parseQuery } from './input.js';

const methods = {
  get: RequestMethod.GET,
  post: RequestMethod.POST,
  patch: RequestMethod.PATCH,
  delete: RequestMethod.DELETE,
} as const;

export interface Answer {
  description: string;
  schema?: z.ZodType;
  /** Default: application/json. */
  contentType?: string;
}

/** One call of the interface: its validation, its place in the OpenAPI document and its rights, said once. */
export interface RouteSpec {
  method: keyof typeof methods;
  /** Express's form: `/api/v1/runs/:id`. */
  path: string;
  tag: string;
  summary: string;
  /** The least role that may call it; 'open' asks for no key. */
  role: Role | 'open';
  query?: z.ZodType;
  body?: z.ZodType;
  /** The body's schema is for the document: the handler checks it by the kind of what it is for. */
  bodyByKind?: boolean;
  /** What multipart/form-data carries, for the document; the handler reads it as it streams. */
  multipart?: z.ZodType;
  answers: Record<number, Answer>;
  /** Statuses it may fail with besides those that follow from the rest (401, 403, 404 for ids, 415, 422, 429, 503). */
  fails?: number[];
  /** A POST that creates: takes an Idempotency-Key. */
  creates?: boolean;
  /** Fields of the answer that are shown once: not kept for a repetition by Idempotency-Key. */
  shownOnce?: string[];
}

export const route = <const S extends RouteSpec>(spec: S): S => spec;

export const routeMetadata = 'regatta:route';

/** Marks a controller's method as the handler of a route. */
export const Handles = (spec: RouteSpec): MethodDecorator =>
  applyDecorators(
    RequestMapping({ path: spec.path, method: methods[spec.method] }) as MethodDecorator,
    SetMetadata(routeMetadata, spec),
  );

/** The route that a request was matched to. */
export const routeOf = (context: ExecutionContext): RouteSpec =>
  Reflect.getMetadata(routeMetadata, context.getHandler()) as RouteSpec;

/** Who asks. */
export interface Principal {
  keyId: string;
  name: string;
  role: Role;
}

/** A request as the guards and interceptors before the handler have completed it. */
export interface RegattaRequest extends Request {
  principal?: Principal;
  /** The id for what a creating POST makes; the same again when it is repeated with its Idempotency-Key. */
  resourceId?: string;
}

type OutputOf<S, K extends string> = S extends Record<K, infer T extends z.ZodType> ? z.output<T> : undefined;
type ParamsOf<P extends string> = P extends `${string}:${infer Name}/${infer Rest}`
  ? Record<Name, string> & ParamsOf<Rest>
  : P extends `${string}:${infer Name}`
    ? Record<Name, string>
    : unknown;

/** What a handler is given: everything validated by the route's schemas. */
export interface InputOf<S extends RouteSpec> {
  params: ParamsOf<S['path']>;
  query: OutputOf<S, 'query'>;
  body: OutputOf<S, 'body'>;
  principal: Principal;
  resourceId: string;
  request: RegattaRequest;
}

/** The handler's parameter: the request's input, parsed by the schemas of its route. */
export const Input = createParamDecorator((_: unknown, context: ExecutionContext): InputOf<RouteSpec> => {
  const spec = routeOf(context);
  const request = context.switchToHttp().getRequest<RegattaRequest>();
  return {
    params: parseParams(request.params as Record<string, string>),
    query: (spec.query ? parseQuery(spec.query, request.query) : undefined) as undefined,
    body: (spec.body && !spec.bodyByKind ? parseBody(spec.body, request) : undefined) as undefined,
    principal: request.principal as Principal,
    resourceId: request.resourceId as string,
    request,
  };
});

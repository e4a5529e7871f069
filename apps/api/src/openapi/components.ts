import * as contracts from '@regatta/contracts';
import { z } from 'zod';

/** The schemas that have a name of their own in the document; a reference stands wherever one is used. */
const named: Record<string, z.ZodType> = {
  Problem: contracts.problem,
  Run: contracts.run,
  RunBody: contracts.runConfig,
  RunPatch: contracts.runPatch,
  DryRun: contracts.dryRun,
  MetricSeries: contracts.metricSeries,
  RunEvent: contracts.runEvent,
  LogLine: contracts.logLine,
  Checkpoint: contracts.checkpoint,
  Dataset: contracts.dataset,
  DatasetPreview: contracts.datasetPreview,
  Model: contracts.model,
  ModelPatch: contracts.modelPatch,
  PredictBody: contracts.predictBody,
  PredictResult: contracts.predictResult,
  Worker: contracts.worker,
  Project: contracts.project,
  ProjectBody: contracts.projectBody,
  ProjectPatch: contracts.projectPatch,
  Me: contracts.me,
  SignInBody: contracts.signInBody,
  SignInLink: contracts.signInLink,
  ApiKey: contracts.apiKey,
  ApiKeyBody: contracts.apiKeyBody,
  CreatedApiKey: contracts.createdApiKey,
};

type JsonSchema = Record<string, unknown>;
type Io = 'input' | 'output';
const options = { target: 'draft-2020-12', unrepresentable: 'any' } as const;
const reference = (id: string) => `#/components/schemas/${id}`;

/** Bodies are described as they are sent (defaults optional), answers as they come back. */
const sides = Object.fromEntries(
  (['input', 'output'] as const).map((io) => {
    const registry = z.registry<{ id: string }>();
    const isBody = (name: string) => /(Body|Patch)$/.test(name);
    for (const [id, schema] of Object.entries(named)) if (isBody(id) === (io === 'input')) registry.add(schema, { id });
    return [io, registry];
  }),
) as Record<Io, z.core.$ZodRegistry<{ id: string }>>;

/** `components.schemas` of the document. */
export function componentSchemas(): Record<string, JsonSchema> {
  return Object.fromEntries(
    (['input', 'output'] as const).flatMap((io) =>
      Object.entries(z.toJSONSchema(sides[io], { ...options, io, uri: reference }).schemas).map(([id, schema]) => {
        const { $schema: _, $id: __, ...rest } = schema as JsonSchema;
        return [id, rest];
      }),
    ),
  );
}

/** The JSON Schema of one place: a reference where the schema has a name, also inside. */
export function schemaOf(schema: z.ZodType, io: Io): JsonSchema {
  const id = sides[io].get(schema)?.id;
  if (id) return { $ref: reference(id) };
  const {
    $schema: _,
    $defs: __,
    ...rest
  } = z.toJSONSchema(schema, { ...options, io, metadata: withNames(io) }) as JsonSchema;
  return JSON.parse(JSON.stringify(rest).replaceAll('"#/$defs/', '"#/components/schemas/')) as JsonSchema;
}

/** Names for extraction, beside the descriptions that the schemas carry themselves. */
function withNames(io: Io) {
  const registry = z.registry<Record<string, unknown>>();
  return Object.assign(registry, {
    get: (schema: z.ZodType) => {
      const id = sides[io].get(schema)?.id;
      const meta = z.globalRegistry.get(schema);
      return id ? { ...meta, id } : meta;
    },
  });
}

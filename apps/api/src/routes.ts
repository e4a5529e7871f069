import * as auth from './auth/auth.routes.js';
import * as checkpoints from './checkpoints/checkpoints.routes.js';
import * as datasets from './datasets/datasets.routes.js';
import * as events from './events/events.routes.js';
import * as health from './health/health.routes.js';
import type { RouteSpec } from './http/route.js';
import * as logs from './logs/logs.routes.js';
import * as metrics from './metrics/metrics.routes.js';
import * as models from './models/models.routes.js';
import * as openapi from './openapi/openapi.routes.js';
import * as predict from './predict/predict.routes.js';
import * as projects from './projects/projects.routes.js';
import * as compare from './runs/compare.routes.js';
import * as runs from './runs/runs.routes.js';
import * as stream from './stream/stream.routes.js';
import * as workers from './workers/workers.routes.js';

/** Every call of the interface, in the order of the document. */
export const allRoutes: readonly RouteSpec[] = [
  runs,
  compare,
  metrics,
  events,
  logs,
  stream,
  checkpoints,
  datasets,
  models,
  predict,
  workers,
  projects,
  auth,
  health,
  openapi,
].flatMap((room) => Object.values(room) as RouteSpec[]);

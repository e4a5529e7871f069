import { configOf, type PreparedTask, type PrepareOptions, type TaskHandler } from '../../task.js';
import { type Experiment, type LabConfig, type LabOptions, labTask } from './lab-task.js';
import { layerComparisonLab } from './layer-comparison.js';
import { nadarayaWatsonLab } from './nadaraya-watson.js';
import { positionsLab } from './positions.js';

/** Small experiments with attention: the result goes out as a sample of kind `lab`, in the shape of `labResult`, which the dashboard draws. */
export const attentionLab: TaskHandler = { name: 'attention-lab', prepare };

async function prepare({ spec, engine }: PrepareOptions): Promise<PreparedTask> {
  const config = configOf(spec, 'attention-lab');
  return labTask(config, await experimentOf(config.lab, { config, engine }));
}

async function experimentOf(lab: LabConfig['lab'], options: LabOptions): Promise<Experiment> {
  switch (lab.experiment) {
    case 'nadaraya-watson':
      return nadarayaWatsonLab(lab, options);
    case 'positions':
      return positionsLab(lab);
    case 'layer-comparison':
      return layerComparisonLab(lab, options);
  }
}

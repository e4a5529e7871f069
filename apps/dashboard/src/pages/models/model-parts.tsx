import { Badge, Button, Modal, Skeleton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconDownload } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import type { Model } from '../../api/types.js';
import { ModelLink } from '../../components/model-link.js';
import { Moment } from '../../components/moment.js';
import { RunLink } from '../../components/run-link.js';
import { count } from '../../lib/format.js';
import { kindName } from '../../lib/tasks.js';

const Playground = lazy(() => import('../try/playground.js').then((module) => ({ default: module.Playground })));

/** How far a model has come on its way into use; nothing for one that is on none. */
export function StageBadge({ stage }: Pick<Model, 'stage'>) {
  if (stage === 'none') return null;
  return (
    <Badge variant={stage === 'production' ? 'filled' : 'default'} tt="none" style={{ flexShrink: 0 }}>
      {stage}
    </Badge>
  );
}

/** What a model does and where it came from, in a sentence. */
export function Origin({ model }: { model: Model }) {
  const { kind, runId, dataset, base, step } = model;
  return (
    <>
      {kind ? `It ${kindName(kind)}. ` : 'An encoder without a head, to fine-tune from. '}
      {runId === null ? (
        'Imported'
      ) : (
        <>
          After {count(step)} steps{dataset && ` on ${dataset.name}, version ${dataset.version}`}
          {base && (
            <>
              , from{' '}
              <ModelLink modelId={base.id} size="sm" underline="always">
                {base.name}
              </ModelLink>
            </>
          )}
          , by{' '}
          <RunLink runId={runId} size="sm" underline="always">
            this run
          </RunLink>
        </>
      )}
      , <Moment time={model.createdAt} />
    </>
  );
}

/** Try it, and take it along. */
export function UseModel({ model }: { model: Model }) {
  const [trying, { open, close }] = useDisclosure(false);
  return (
    <>
      {model.kind && (
        <Button size="compact-sm" variant="light" onClick={open}>
          Try it
        </Button>
      )}
      {model.kind !== 'translation' && <Export model={model} format="huggingface" label="Export for transformers" />}
      <Export model={model} format="onnx" label="Export as ONNX" />
      <Modal
        opened={trying}
        onClose={close}
        title={`Try ${model.name}`}
        size="lg"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Suspense fallback={<Skeleton height={180} />}>
          {model.kind && <Playground kind={model.kind} modelId={model.id} />}
        </Suspense>
      </Modal>
    </>
  );
}

function Export({ model, format, label }: { model: Model; format: 'huggingface' | 'onnx'; label: string }) {
  return (
    <Button
      size="compact-sm"
      variant="default"
      component="a"
      href={`/api/v1/models/${model.id}/export?format=${format}`}
      download
      leftSection={<IconDownload size={14} aria-hidden />}
    >
      {label}
    </Button>
  );
}

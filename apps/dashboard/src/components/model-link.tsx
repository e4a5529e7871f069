import { Anchor, type AnchorProps } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

/** A link to a model's page. */
export function ModelLink({ modelId, ...props }: { modelId: string; children: ReactNode } & AnchorProps) {
  return <Anchor {...props} renderRoot={(root) => <Link to="/models/$modelId" params={{ modelId }} {...root} />} />;
}

import { Anchor, type AnchorProps } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

/** A link to a run's page. */
export function RunLink({ runId, ...props }: { runId: string; title?: string; children: ReactNode } & AnchorProps) {
  return <Anchor {...props} renderRoot={(root) => <Link to="/runs/$runId" params={{ runId }} {...root} />} />;
}

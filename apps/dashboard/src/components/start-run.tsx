import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';

/** What to do where there is nothing yet. */
export function StartRun() {
  return <Button renderRoot={(props) => <Link to="/new" {...props} />}>Start a run</Button>;
}

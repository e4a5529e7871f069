import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Empty } from '../components/empty.js';

export function NotFound() {
  return (
    <Empty
      alone
      title="There is nothing here"
      action={<Button renderRoot={(props) => <Link to="/" {...props} />}>All runs</Button>}
    >
      The address is wrong, or what it named was deleted.
    </Empty>
  );
}

import { ActionIcon, Menu } from '@mantine/core';
import { IconBook, IconKey, IconKeyboard, IconLogout, IconStack2, IconUser } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { client } from '../api/client.js';
import { meQuery, useMay } from '../api/queries.js';

export function AccountMenu({ onHelp }: { onHelp: () => void }) {
  const me = useQuery(meQuery);
  const admin = useMay('admin');
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  async function signOut() {
    await client.POST('/api/v1/sign-out');
    queryClient.clear();
    await navigate({ to: '/sign-in' });
  }
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Account and help">
          <IconUser size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {me.data && (
          <Menu.Label>
            {me.data.name}, {me.data.role}
          </Menu.Label>
        )}
        <Menu.Item leftSection={<IconKeyboard size={16} aria-hidden />} onClick={onHelp}>
          Keyboard shortcuts
        </Menu.Item>
        <Menu.Item leftSection={<IconBook size={16} aria-hidden />} component="a" href="/api/docs">
          API reference
        </Menu.Item>
        {admin && (
          <>
            <Menu.Item
              leftSection={<IconKey size={16} aria-hidden />}
              renderRoot={(props) => <Link {...props} to="/api-keys" />}
            >
              API keys
            </Menu.Item>
            <Menu.Item leftSection={<IconStack2 size={16} aria-hidden />} component="a" href="/queues">
              Job queues
            </Menu.Item>
          </>
        )}
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => void signOut()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

import { AppShell, Burger, Container, Drawer, Group, NavLink as MenuLink, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { AccountMenu } from './account-menu.js';
import { ConnectionBar } from './connection-bar.js';
import { accountPages, pages } from './pages.js';
import { SchemeSwitch } from './scheme-switch.js';
import { ShortcutsHelp, useShortcuts } from './shortcuts.js';
import './shell.css';

export function Shell() {
  const [menu, { toggle, close: closeMenu }] = useDisclosure(false);
  const [help, { open: openHelp, close: closeHelp }] = useDisclosure(false);
  useShortcuts(openHelp);
  usePageTitle();
  return (
    <AppShell header={{ height: 52 }} padding={0}>
      <a className="skip-link" href="#main">
        Skip to the page
      </a>
      <AppShell.Header className="header">
        <Container size="xl" h="100%">
          <Group h="100%" justify="space-between" wrap="nowrap">
            <Group gap="lg" h="100%" wrap="nowrap">
              <Burger opened={menu} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Menu" />
              <Link to="/" className="brand">
                <img src="/favicon.svg" alt="" width={24} height={24} />
                <Text span fw={700}>
                  Regatta
                </Text>
              </Link>
              <Group component="nav" aria-label="Pages" gap={4} visibleFrom="sm" h="100%" wrap="nowrap">
                {pages.map(({ to, label, exact }) => (
                  <Link
                    key={to}
                    to={to}
                    className="nav-link"
                    activeOptions={{ exact, includeSearch: false }}
                    activeProps={{ 'aria-current': 'page' }}
                  >
                    {label}
                  </Link>
                ))}
              </Group>
            </Group>
            <Group gap={4} wrap="nowrap">
              <SchemeSwitch />
              <AccountMenu onHelp={openHelp} />
            </Group>
          </Group>
        </Container>
      </AppShell.Header>
      <Drawer opened={menu} onClose={closeMenu} size={240} title="Regatta" closeButtonProps={{ 'aria-label': 'Close' }}>
        <nav aria-label="Pages">
          {pages.map(({ to, label, exact }) => (
            <MenuLink
              key={to}
              label={label}
              onClick={closeMenu}
              renderRoot={(props) => <Link {...props} to={to} activeOptions={{ exact, includeSearch: false }} />}
            />
          ))}
        </nav>
      </Drawer>
      <ShortcutsHelp opened={help} onClose={closeHelp} />
      <AppShell.Main>
        <ConnectionBar />
        <Container size="xl" py="md" id="main" tabIndex={-1} style={{ outline: 'none' }}>
          <Outlet />
        </Container>
      </AppShell.Main>
    </AppShell>
  );
}

/** The page's name in the tab; a run's page sets its own. */
function usePageTitle(): void {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const before = useRef('');
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    const page = [...pages, ...accountPages].find(({ to }) => to === path);
    document.title = page ? `${page.label} · Regatta` : 'Regatta';
  }, [path]);
}

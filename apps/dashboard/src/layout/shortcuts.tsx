import { Kbd, Modal, Table } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { isTyping } from '../lib/typing.js';

/** What the keyboard does; `?` shows this list. */
const shortcuts = [
  ['g r', 'Runs'],
  ['g w', 'Workers'],
  ['g d', 'Datasets'],
  ['g m', 'Models'],
  ['g p', 'Playground'],
  ['g l', 'Lab'],
  ['n', 'New run'],
  ['/', 'Search the runs'],
  ['j k', 'Next and previous run of the list; Enter opens it'],
  ['x', 'Select the run'],
  ['c', 'Compare the selected runs'],
  ['?', 'This list'],
] as const;

const places = { r: '/', w: '/workers', d: '/datasets', m: '/models', p: '/playground', l: '/lab' } as const;
const secondKeyMs = 1000;

/** Listens for the shortcuts (two of them are sequences, which Mantine's useHotkeys does not know). */
export function useShortcuts(onHelp: () => void): void {
  const navigate = useNavigate();
  useEffect(() => {
    let goUntil = 0;
    async function search() {
      await navigate({ to: '/', search: (before) => before });
      document.getElementById('search')?.focus();
    }
    function onKey(event: KeyboardEvent) {
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (document.querySelector('[role="dialog"]')) return;
      const place = places[event.key as keyof typeof places];
      const going = event.timeStamp < goUntil;
      goUntil = 0;
      if (going && place) void navigate({ to: place });
      else if (event.key === 'g') goUntil = event.timeStamp + secondKeyMs;
      else if (event.key === 'n') void navigate({ to: '/new' });
      else if (event.key === '/') void search();
      else if (event.key === '?') onHelp();
      else return;
      event.preventDefault();
    }
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [navigate, onHelp]);
}

export function ShortcutsHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Table>
        <Table.Tbody>
          {shortcuts.map(([keys, what]) => (
            <Table.Tr key={keys}>
              <Table.Td w={80}>
                {keys.split(' ').map((key) => (
                  <Kbd key={key} mr={4}>
                    {key}
                  </Kbd>
                ))}
              </Table.Td>
              <Table.Td>{what}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}

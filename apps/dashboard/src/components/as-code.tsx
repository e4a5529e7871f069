import { Tabs } from '@mantine/core';
import { asCli, asCurl } from '../lib/curl.js';
import { Command } from './empty.js';

/** The same run for a script. */
export function AsCode({ body }: { body: unknown }) {
  return (
    <Tabs defaultValue="curl" keepMounted={false}>
      <Tabs.List mb="sm">
        <Tabs.Tab value="curl">As curl</Tabs.Tab>
        <Tabs.Tab value="json">As JSON</Tabs.Tab>
        <Tabs.Tab value="cli">As CLI</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="curl">
        <Command>{asCurl(body)}</Command>
      </Tabs.Panel>
      <Tabs.Panel value="json">
        <Command>{JSON.stringify(body, null, 2)}</Command>
      </Tabs.Panel>
      <Tabs.Panel value="cli">
        <Command>{asCli(body)}</Command>
      </Tabs.Panel>
    </Tabs>
  );
}

import { Button, FileInput, Modal, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { answer } from '@regatta/client';
import { newId } from '@regatta/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../api/client.js';
import { Failure } from '../../components/failure.js';
import { count } from '../../lib/format.js';

/** A text file and a name become a dataset. */
export function Upload({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [file, setFile] = useState<File | null>(null);
  const [name, setName] = useState('');
  const queryClient = useQueryClient();
  const upload = useMutation({
    mutationFn: (chosen: File) => {
      const form = new FormData();
      form.append('name', name);
      form.append('kind', 'text');
      form.append('file', chosen);
      const call = client.POST('/api/v1/datasets', {
        // The schema describes the parts; the browser writes them, and knows the boundary between them.
        body: form as never,
        bodySerializer: (body) => body as unknown as FormData,
        headers: { 'idempotency-key': newId() },
      });
      return answer(call);
    },
    onSuccess: (dataset) => {
      notifications.show({
        title: `${dataset.name}, version ${dataset.version}`,
        message: `${count(dataset.documents)} documents, ${count(dataset.words)} words`,
      });
      setFile(null);
      setName('');
      onClose();
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['datasets'] }),
  });

  function choose(chosen: File | null) {
    setFile(chosen);
    upload.reset();
    if (chosen && name === '') setName(chosen.name.replace(/\.[^.]*$/, ''));
  }

  return (
    <Modal opened={opened} onClose={onClose} title="Upload text" closeButtonProps={{ 'aria-label': 'Close' }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (file) upload.mutate(file);
        }}
      >
        <Stack>
          <FileInput
            label="Text file"
            description="UTF-8 or Latin-1, one sentence a line or running prose, an empty line between documents; up to 1 GiB."
            placeholder="Choose a file"
            accept="text/*,.txt"
            value={file}
            onChange={choose}
            required
            withAsterisk={false}
          />
          <TextInput
            label="Name"
            description="A name that exists already, with another text, makes its next version."
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            required
            withAsterisk={false}
          />
          {upload.error && <Failure error={upload.error} title="Not stored" />}
          <Button type="submit" loading={upload.isPending} disabled={!file}>
            Upload
          </Button>
          {upload.isPending && (
            <Text size="sm" c="dimmed">
              It is stored, read and counted.
            </Text>
          )}
        </Stack>
      </form>
    </Modal>
  );
}

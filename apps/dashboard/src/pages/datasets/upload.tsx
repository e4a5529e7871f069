import { Button, FileInput, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { answer } from '@regatta/client';
import { type DatasetKind, newId } from '@regatta/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../api/client.js';
import { Failure } from '../../components/failure.js';
import { count } from '../../lib/format.js';

const kinds: Record<DatasetKind, { label: string; files: string }> = {
  text: {
    label: 'Plain text, to pretrain on',
    files: 'One sentence a line or running prose, an empty line between documents.',
  },
  classification: { label: 'Texts with a label', files: 'CSV, TSV or JSON Lines with a text and a label.' },
  'pair-classification': {
    label: 'Pairs of texts with a label',
    files: 'CSV, TSV or JSON Lines with two texts and a label.',
  },
  regression: { label: 'Texts with a number', files: 'CSV, TSV or JSON Lines with a text, or two, and a number.' },
  tagging: {
    label: 'Words with tags',
    files: 'CoNLL columns: a word a line with its tag, an empty line between sentences.',
  },
  'question-answering': { label: 'Questions about texts', files: 'A SQuAD file, 1.1 or 2.0.' },
  translation: {
    label: 'Pairs of sentences',
    files: 'A table or tab-separated pairs; or two files, first the source lines, then the target lines.',
  },
};

/** Files and a name become a dataset. */
export function Upload({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [files, setFiles] = useState<File[]>([]);
  const [kind, setKind] = useState<DatasetKind>('text');
  const [name, setName] = useState('');
  const queryClient = useQueryClient();
  const upload = useMutation({
    mutationFn: (chosen: File[]) => {
      const form = new FormData();
      form.append('name', name);
      form.append('kind', kind);
      for (const file of chosen) form.append('file', file);
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
        message:
          dataset.kind === 'text'
            ? `${count(dataset.documents)} documents, ${count(dataset.words)} words`
            : `${count(dataset.examples)} examples, ${count(dataset.words)} words`,
      });
      setFiles([]);
      setName('');
      onClose();
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['datasets'] }),
  });

  function choose(chosen: File[]) {
    setFiles(chosen);
    upload.reset();
    if (chosen.length > 0 && name === '') setName(chosen[0].name.replace(/\.[^.]*$/, ''));
  }

  return (
    <Modal opened={opened} onClose={onClose} title="Upload data" closeButtonProps={{ 'aria-label': 'Close' }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (files.length > 0) upload.mutate(files);
        }}
      >
        <Stack>
          <Select
            label="What it is"
            data={Object.entries(kinds).map(([value, { label }]) => ({ value, label }))}
            value={kind}
            onChange={(chosen) => setKind((chosen ?? 'text') as DatasetKind)}
            allowDeselect={false}
          />
          <FileInput
            label={kind === 'translation' ? 'File, or two' : 'File'}
            description={`${kinds[kind].files} Any encoding; up to 1 GiB.`}
            placeholder="Choose a file"
            multiple
            value={files}
            onChange={choose}
            required
            withAsterisk={false}
          />
          <TextInput
            label="Name"
            description="A name that exists already, with other data, makes its next version."
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            required
            withAsterisk={false}
          />
          {upload.error && <Failure error={upload.error} title="Not stored" />}
          <Button type="submit" loading={upload.isPending} disabled={files.length === 0}>
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

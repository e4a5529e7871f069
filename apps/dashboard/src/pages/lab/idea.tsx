import { Box, Button, Group, Paper, Slider, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useId } from 'react';
import './lab.css';

interface IdeaProps {
  title: string;
  formula: string;
  /** Two sentences. */
  children: ReactNode;
  controls: ReactNode;
  pictures: ReactNode;
  /** Which starting point of the task `attention-lab` does the same as a run, and what that adds. */
  run?: { preset: string; label: string };
}

/** One idea: its formula and two sentences beside what can be turned, and the pictures. */
export function Idea({ title, formula, children, controls, pictures, run }: IdeaProps) {
  const id = useId();
  return (
    <Paper className="panel" p="md" component="section" aria-labelledby={id}>
      <div className="idea">
        <Stack gap="sm">
          <Title order={2} id={id}>
            {title}
          </Title>
          <p className="formula">{formula}</p>
          <Text size="sm">{children}</Text>
          {controls}
          {run && (
            <Group>
              <Button
                size="compact-sm"
                variant="light"
                renderRoot={(props) => (
                  <Link to="/new" search={{ task: 'attention-lab', preset: run.preset }} {...props} />
                )}
              >
                {run.label}
              </Button>
            </Group>
          )}
        </Stack>
        <Stack gap="sm" miw={0}>
          {pictures}
        </Stack>
      </div>
    </Paper>
  );
}

interface KnobProps {
  label: string;
  value: number;
  onChange: (value: number) => void;
  min: number;
  max: number;
  step?: number;
  say?: (value: number) => string;
}

/** A named slider with its value beside the name. */
export function Knob({ label, value, onChange, min, max, step = 1, say = String }: KnobProps) {
  const id = useId();
  return (
    <Box>
      <Group justify="space-between" gap="xs" mb={4}>
        <Text size="sm" id={id}>
          {label}
        </Text>
        <Text size="sm" fw={600} className="numbers">
          {say(value)}
        </Text>
      </Group>
      <Slider
        min={min}
        max={max}
        step={step}
        value={value}
        onChange={onChange}
        label={null}
        thumbProps={{ 'aria-labelledby': id, 'aria-valuetext': say(value) }}
      />
    </Box>
  );
}

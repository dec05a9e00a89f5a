import { COMMANDS, type CommandId } from '../editor/commands';
import { STEP_LABELS, type StepLabel } from '../editor/step-label';
import { TOOLS, type ToolId } from '../editor/tools/gesture';
import { section } from './section';

const tools = Object.fromEntries(TOOLS.map(({ id, label, help }) => [id, { label, help }]));
const commands = Object.fromEntries(COMMANDS.map(({ id, label }) => [id, label]));
const steps = Object.fromEntries(STEP_LABELS.map((label) => [label, label]));

/** What the editor's tables say of its tools, its commands and the steps of its history. */
export const texts = section('tools', {
  tools: tools as Readonly<Record<ToolId, Record<'label' | 'help', string>>>,
  commands: commands as Readonly<Record<CommandId, string>>,
  steps: steps as Readonly<Record<StepLabel, string>>,
});

/** What a step of the history is called; one that another Easel stored, as that called it. */
export const stepText = (label: string): string => (texts.steps as Readonly<Record<string, string>>)[label] ?? label;

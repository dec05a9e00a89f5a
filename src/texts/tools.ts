import { COMMANDS, type CommandId } from '../editor/commands';
import { TOOLS, type ToolId } from '../editor/tools/gesture';
import { section } from './section';

const tools = Object.fromEntries(TOOLS.map(({ id, label, help }) => [id, { label, help }]));
const commands = Object.fromEntries(COMMANDS.map(({ id, label }) => [id, label]));

/** What the editor's tables say of its tools and commands. */
export const texts = section('tools', {
  tools: tools as Readonly<Record<ToolId, Record<'label' | 'help', string>>>,
  commands: commands as Readonly<Record<CommandId, string>>,
});

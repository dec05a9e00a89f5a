import { useShallow } from 'zustand/react/shallow';
import { fileChoice, fileChosen } from '../../core/request/field';
import { useLibrary } from '../../store/library/library';
import { upscalerCalled, upscalersOf } from '../../store/library/upscalers';
import { useSettings, valueIn } from '../../store/settings/settings';
import { texts } from '../../texts/settings';
import { ChoiceControl } from './choice-control';

/** What enlarges a picture: by itself, or a network of the library. One that is not there stays chosen, and says so. */
export function UpscalerControl({ name }: { name: 'hiresUpscaler' }) {
  const chosen = useSettings((state) => fileChosen(valueIn(name, state)));
  const networks = useLibrary(useShallow(upscalersOf));
  const known = chosen === undefined ? undefined : upscalerCalled(chosen, networks);
  const choices = networks.map(({ record }) => ({
    value: fileChoice(record === known?.record && chosen !== undefined ? chosen : record.name),
    label: record.name,
    description: texts.networkHelp,
    group: texts.networks,
  }));
  const absent =
    chosen === undefined || known
      ? []
      : [{ value: fileChoice(chosen), label: chosen, description: texts.upscalerAbsent, group: texts.networks }];
  return <ChoiceControl name={name} more={[...choices, ...absent]} />;
}

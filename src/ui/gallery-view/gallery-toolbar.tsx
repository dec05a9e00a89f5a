import { Star } from 'lucide-react';
import { useMemo } from 'react';
import { useBoards } from '../../store/gallery/boards';
import { choicesOf } from '../../store/gallery/find-results';
import { useResultIndex } from '../../store/gallery/result-index';
import { labelOfChoice } from '../../texts/fields';
import { texts } from '../../texts/gallery-view';
import { GroupedSelect } from '../components/grouped-select';
import { IconButton } from '../components/icon-button';
import { SearchField } from '../components/search-field';
import { SavingMenu } from './saving-menu';
import type { Wanted } from './use-found';

interface GalleryToolbarProps {
  wanted: Wanted;
  onWant(change: Partial<Wanted>): void;
  /** How many results are found, and of how many. */
  found: number;
  of: number;
  /** Whether clicks choose. */
  selecting: boolean;
  onSelecting(selecting: boolean): void;
}

/** Finds results: by words, and by what they were painted with. */
export function GalleryToolbar({ wanted, onWant, found, of, selecting, onSelecting }: GalleryToolbarProps) {
  return (
    <search className="gallery-toolbar">
      <SearchField
        className="gallery-search"
        label={texts.searchResults}
        placeholder={texts.searchExample}
        value={wanted.words}
        onChange={(words) => onWant({ words })}
      />
      <Filters wanted={wanted} onWant={onWant} />
      <IconButton
        icon={Star}
        label={texts.favouritesOnly}
        pressed={wanted.favourites === true}
        onClick={() => onWant({ favourites: !wanted.favourites })}
      />
      <button type="button" className="button" aria-pressed={selecting} onClick={() => onSelecting(!selecting)}>
        {texts.select}
      </button>
      <SavingMenu />
      <p className="gallery-found" role="status">
        {found === of ? texts.count(of) : texts.partOf(found, of)}
      </p>
    </search>
  );
}

/** Stands for no choice: no model, sampler or size is called so. */
const ANY = '\0';

/** A choice of each kind that there is more than one of. */
function Filters({ wanted, onWant }: Pick<GalleryToolbarProps, 'wanted' | 'onWant'>) {
  const facts = useResultIndex((state) => state.facts);
  const boards = useBoards((state) => state.boards);
  const [models, samplers, sizes] = useMemo(
    () => (['model', 'sampler', 'size'] as const).map((of) => choicesOf(facts.values(), of)),
    [facts],
  );
  const onBoards = Array.from(boards, ([name, { length }]) => [name, length] as const);
  const samplerLabel = (id: string) => (id === '' ? texts.noSampler : labelOfChoice('sampler', id));
  const filters = [
    ['model', texts.model, texts.allModels, models, (name: string) => name || texts.noModel],
    ['sampler', texts.sampler, texts.allSamplers, samplers, samplerLabel],
    ['size', texts.size, texts.allSizes, sizes, (size: string) => size],
    ['board', texts.board, texts.allResults, onBoards, (name: string) => name],
  ] as const;
  // One kind only is no choice; of boards, one is.
  const shown = filters.filter(([key, , , { length }]) => length > (key === 'board' ? 0 : 1));
  if (shown.length === 0) return null;
  return (
    <div className="gallery-filters">
      {shown.map(([key, label, all, choices, labelOf]) => (
        <div className="gallery-filter" key={key}>
          <GroupedSelect
            label={label}
            value={wanted[key] ?? ANY}
            choices={[
              { value: ANY, label: all, description: texts.anyHelp },
              ...choices.map(([value, count]) => ({ value, label: labelOf(value), description: texts.count(count) })),
            ]}
            onChange={(value) => onWant({ [key]: value === ANY ? undefined : value })}
          />
        </div>
      ))}
    </div>
  );
}

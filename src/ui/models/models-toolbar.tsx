import { Search } from 'lucide-react';
import { SORT_ORDERS, type SortOrder } from '../../store/library/find-models';
import { texts } from '../../texts/models';
import { GroupedSelect } from '../components/grouped-select';
import './models-toolbar.css';

const DIRECTIONS: Readonly<Record<SortOrder, string>> = {
  used: texts.newestFirst,
  name: texts.aToZ,
  size: texts.largestFirst,
  family: texts.byFamily,
};

const CHOICES = (Object.keys(SORT_ORDERS) as SortOrder[]).map((value) => {
  return { value, label: SORT_ORDERS[value], description: DIRECTIONS[value] };
});

interface ModelsToolbarProps {
  words: string;
  onWords(words: string): void;
  order: SortOrder;
  onOrder(order: SortOrder): void;
  /** How many things the words find, and of how many. */
  found: number;
  of: number;
}

/** Finds models and what goes with them, and sorts them. */
export function ModelsToolbar({ words, onWords, order, onOrder, found, of }: ModelsToolbarProps) {
  return (
    <search className="models-toolbar">
      <div className="models-search">
        <Search size={16} aria-hidden="true" />
        <input
          type="search"
          aria-label={texts.searchModels}
          placeholder={texts.searchExample}
          value={words}
          onChange={({ target }) => onWords(target.value)}
          spellCheck={false}
          autoComplete="off"
        />
      </div>
      <div className="models-sort">
        <GroupedSelect
          label={texts.sortModelsBy}
          value={order}
          shown={texts.sort(SORT_ORDERS[order])}
          choices={CHOICES}
          onChange={onOrder}
        />
      </div>
      <p className="models-found" role="status">
        {words.trim() === '' ? texts.inAll(of) : texts.partOf(found, of)}
      </p>
    </search>
  );
}

import { ANY_FAMILY, SORT_ORDERS, type SortOrder, UNKNOWN_FAMILY } from '../../store/library/find-models';
import { texts } from '../../texts/models';
import { GroupedSelect } from '../components/grouped-select';
import { SearchField } from '../components/search-field';
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

const familyChoices = (families: readonly { id: string; label: string }[]) => [
  { value: ANY_FAMILY, label: texts.allFamilies, description: texts.allFamiliesHelp },
  ...families.map(({ id, label }) => ({ value: id, label, description: texts.familyHelp(label) })),
  { value: UNKNOWN_FAMILY, label: texts.familyUnknown, description: texts.familyUnknownHelp },
];

interface ModelsToolbarProps {
  words: string;
  onWords(words: string): void;
  family: string;
  onFamily(family: string): void;
  /** Those that there are things of. */
  families: readonly { id: string; label: string }[];
  order: SortOrder;
  onOrder(order: SortOrder): void;
  /** How many things the words find, and of how many. */
  found: number;
  of: number;
}

/** Finds models and what goes with them, and sorts them. */
export function ModelsToolbar(props: ModelsToolbarProps) {
  const { words, onWords, family, onFamily, families, order, onOrder, found, of } = props;
  const isNarrowed = words.trim() !== '' || family !== ANY_FAMILY;
  return (
    <search className="models-toolbar">
      <SearchField
        className="models-search"
        label={texts.searchModels}
        placeholder={texts.searchExample}
        value={words}
        onChange={onWords}
      />
      {families.length > 0 && (
        <div className="models-sort">
          <GroupedSelect label={texts.family} value={family} choices={familyChoices(families)} onChange={onFamily} />
        </div>
      )}
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
        {isNarrowed ? texts.partOf(found, of) : texts.inAll(of)}
      </p>
    </search>
  );
}

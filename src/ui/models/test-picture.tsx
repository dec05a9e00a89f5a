import { Box } from 'lucide-react';
import type { LibraryRecord } from '../../store/library/library-record';
import { STARTER_ID, STARTER_SHEETS } from '../../store/library/starter';
import { texts } from '../../texts/models';
import { SheetTile } from '../components/sheet-tile';
import { useObjectUrl } from '../components/use-object-url';
import './test-picture.css';

/** The picture of a model's last test run; before the first one of the starter's own, and of others an empty place. */
export function TestPicture({ record: { id, name, test } }: { record: LibraryRecord }) {
  const url = useObjectUrl(test?.png);
  if (!test)
    return (
      <div className="test-picture">
        {id === STARTER_ID && STARTER_SHEETS.examples ? (
          <SheetTile sheet={STARTER_SHEETS.examples} tile={0} />
        ) : (
          <Box size={28} strokeWidth={1.25} aria-hidden="true" />
        )}
      </div>
    );
  return <div className="test-picture">{url && <img src={url} alt={texts.testRunOf(name)} />}</div>;
}

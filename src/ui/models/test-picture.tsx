import { Box } from 'lucide-react';
import type { LibraryRecord } from '../../store/library/library-record';
import { texts } from '../../texts/models';
import { useObjectUrl } from '../components/use-object-url';
import './test-picture.css';

/** The picture of a model's last test run; an empty place before the first. */
export function TestPicture({ record: { name, test } }: { record: LibraryRecord }) {
  const url = useObjectUrl(test?.png);
  if (!test)
    return (
      <div className="test-picture">
        <Box size={28} strokeWidth={1.25} aria-hidden="true" />
      </div>
    );
  return <div className="test-picture">{url && <img src={url} alt={texts.testRunOf(name)} />}</div>;
}

import { Box } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { LibraryRecord } from '../../store/library/library-record';
import { texts } from '../../texts/models';
import './test-picture.css';

/** The picture of a model's last test run; an empty place before the first. */
export function TestPicture({ record: { name, test } }: { record: LibraryRecord }) {
  const png = test?.png;
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!png) return;
    const made = URL.createObjectURL(png);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [png]);
  if (!test)
    return (
      <div className="test-picture">
        <Box size={28} strokeWidth={1.25} aria-hidden="true" />
      </div>
    );
  return <div className="test-picture">{url && <img src={url} alt={texts.testRunOf(name)} />}</div>;
}

import type { PictureSheet } from '../../core/repertoire';
import './sheet-tile.css';

interface SheetTileProps {
  sheet: PictureSheet;
  /** Its place on the sheet. */
  tile: number;
}

/** One picture of a sheet of them, as large as the style sheet says; what it shows stands beside it. */
export function SheetTile({ sheet: { path, columns }, tile }: SheetTileProps) {
  const style = {
    backgroundImage: `url("${new URL(path, document.baseURI).href}")`,
    '--columns': columns,
    '--column': tile % columns,
    '--row': Math.floor(tile / columns),
  };
  return <span className="sheet-tile" style={style} aria-hidden="true" />;
}

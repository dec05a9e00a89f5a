import { X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useDeferredValue, useState } from 'react';
import type { PictureSheet, Repertoire } from '../../core/repertoire';
import { useEngine } from '../../store/engine';
import { isStarter, STARTER_SHEETS } from '../../store/library/starter';
import { addToPrompt } from '../../store/settings/understanding';
import { texts } from '../../texts/settings';
import { IconButton } from '../components/icon-button';
import { SheetTile } from '../components/sheet-tile';
import './repertoire-sheet.css';

interface RepertoireSheetProps {
  open: boolean;
  onOpen(open: boolean): void;
  paints: Repertoire;
}

/** All that a model can be asked for, to look through and search; a click adds it to the prompt. */
export function RepertoireSheet({ open, onOpen, paints }: RepertoireSheetProps) {
  const [sought, setSought] = useState('');
  const [added, setAdded] = useState('');
  const words = useDeferredValue(sought).trim().toLowerCase();
  const sheet = useEngine((state) => (isStarter(state) ? STARTER_SHEETS.things : undefined));
  const add = (text: string) => {
    addToPrompt(text);
    setAdded(texts.isInThePrompt(text));
  };
  return (
    <Dialog.Root open={open} onOpenChange={onOpen}>
      <Dialog.Portal>
        <Dialog.Overlay className="dialog-ground" />
        <Dialog.Content className="repertoire" aria-describedby={undefined}>
          <div className="repertoire-head">
            <Dialog.Title>{texts.whatCanItPaint}</Dialog.Title>
            <input
              type="search"
              className="repertoire-search"
              aria-label={texts.searchRepertoire}
              placeholder={texts.searchKinds(paints.things.length)}
              value={sought}
              onChange={({ currentTarget }) => setSought(currentTarget.value)}
            />
            <Dialog.Close asChild>
              <IconButton icon={X} label={texts.close} />
            </Dialog.Close>
          </div>
          <p className="repertoire-added" role="status">
            {added}
          </p>
          <div className="repertoire-list">
            <Found paints={paints} words={words} sheet={sheet} onAdd={add} />
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

interface FoundProps extends Pick<KindProps, 'sheet' | 'onAdd'> {
  paints: Repertoire;
  /** Sought for, in small letters. */
  words: string;
}

/** What of a repertoire words find, by kind. Apart from the sheet, so that it is looked for only while that is open. */
function Found({ paints, words, sheet, onAdd }: FoundProps) {
  const things = paints.things.map(({ name, also }, tile) => ({ text: name, tile, by: [name, ...(also ?? [])] }));
  const near = Object.entries(paints.near).filter(([word]) => words !== '' && word.startsWith(words));
  const plain = (all: readonly string[]) => all.map((text) => ({ text, by: [text] }));
  const kinds: readonly { title: string; items: readonly Item[] }[] = [
    { title: texts.colours, items: plain(paints.colours) },
    { title: texts.scenes, items: plain(paints.scenes.map(({ phrases }) => phrases[0])) },
    { title: texts.styles, items: plain(paints.styles) },
    {
      title: texts.things,
      items: things.map((item) => ({
        ...item,
        by: [...item.by, ...near.filter(([, names]) => names.includes(item.text)).map(([word]) => word)],
      })),
    },
  ];
  const found = kinds.map(({ title, items }) => ({ title, items: items.filter(({ by }) => holds(by, words)) }));
  return (
    <>
      {found.every(({ items }) => items.length === 0) && <p>{texts.nothingByThatName}</p>}
      {found.map(
        ({ title, items }) =>
          items.length > 0 && <Kind key={title} title={title} items={items} sheet={sheet} onAdd={onAdd} />,
      )}
    </>
  );
}

interface Item {
  text: string;
  /** What it is found by. */
  by: readonly string[];
  /** Its place on the sheet of pictures. */
  tile?: number;
}

/** Whether any of its names, or a word of them, begins with what is sought. */
const holds = (by: readonly string[], sought: string) =>
  by.some((text) => ` ${text.toLowerCase()}`.replaceAll('-', ' ').includes(` ${sought}`));

interface KindProps {
  title: string;
  items: readonly Item[];
  sheet: PictureSheet | undefined;
  onAdd(text: string): void;
}

function Kind({ title, items, sheet, onAdd }: KindProps) {
  return (
    <section aria-label={title}>
      <h3>
        {title} <span>{items.length}</span>
      </h3>
      <ul>
        {items.map(({ text, tile }) => (
          <li key={text}>
            <button type="button" onClick={() => onAdd(text)}>
              {sheet && tile !== undefined && <SheetTile sheet={sheet} tile={tile} />}
              {text}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

import { texts } from '../../texts/app';
import { useView, VIEWS } from './views';
import './view-links.css';

/** The way from one view to another: plain links, so that keys, middle click and the back button work as anywhere. */
export function ViewLinks() {
  const current = useView();
  return (
    <nav className="views" aria-label={texts.views}>
      {VIEWS.map(({ id, label }) => (
        <a key={id} className="view-link" href={`#${id}`} aria-current={id === current.id ? 'page' : undefined}>
          {label}
        </a>
      ))}
    </nav>
  );
}

import { CATALOGUE } from '../library/catalogue';
import { section } from './section';

const goodAt = Object.fromEntries(CATALOGUE.map((entry) => [entry.id, entry.goodAt]));

/** What models that are worth a download are good at, by their entries' ids. */
export const texts = section('catalogue', goodAt as Readonly<Record<string, string>>);

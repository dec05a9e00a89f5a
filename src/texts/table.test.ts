import { describe, expect, it } from 'vitest';
import { SAMPLERS, type SamplerId, samplerLabel } from '../core/diffusion/samplers/index';
import { scheduleLabel } from '../core/diffusion/step-schedules/index';
import { EaselError, said } from '../core/errors';
import { fieldLabel, fieldNames } from '../core/request/fields';
import { parseRequest, schedulesOf } from '../core/request/request';
import type { ErrorSentence } from './error-sentences';
import { errorText } from './errors';
import { fromTable } from './languages';
import { translateMarked } from './marked';
import { pluralIn } from './plural';
import { section, textAt, translate } from './section';
import { en, type Texts } from './table';
import { stepText } from './tools';

describe('texts', () => {
  it('shows sections in another language, whether they come before or after it is chosen', () => {
    const before = section('test-before', { paint: 'Paint', pictures: (count: number) => `${count} pictures` });
    const tables = {
      'test-before': { paint: 'Malen', pictures: (count: number) => `${count} Bilder` },
      'test-after': { stop: 'Halt' },
    };
    translate(fromTable(tables));
    const after = section('test-after', { stop: 'Stop' });
    const without = section('test-without', { stop: 'Stop' });
    expect([before.paint, before.pictures(3), after.stop, without.stop]).toEqual(['Malen', '3 Bilder', 'Halt', 'Stop']);
    translate(translateMarked);
    expect([before.paint, before.pictures(3)]).toEqual(['⟦Paint⟧', '⟦3 pictures⟧']);
    translate((_name, english) => english);
    expect([before.paint, before.pictures(3), after.stop]).toEqual(['Paint', '3 pictures', 'Stop']);
  });

  it('has no two sections of one name', () => {
    section('test-twice', {});
    expect(() => section('test-twice', {})).toThrow('Two sections of texts are called "test-twice".');
  });

  it('has each section under its own name, in which a language of one table finds it', () => {
    const marked = Object.fromEntries(
      Object.entries(en).map(([name, english]) => [name, translateMarked(name, english)]),
    ) as Texts;
    translate(fromTable(marked));
    expect(en).toEqual(marked);
    translate((name) => ({ section: name }));
    expect(Object.entries(en).map(([name, shown]) => [name, (shown as { section?: string }).section])).toEqual(
      Object.keys(en).map((name) => [name, name]),
    );
  });

  it('marks what a function gives, each text of a section and a sentence with elements in it as a whole', () => {
    const element = { type: 'code' };
    const english = {
      named: (name: string) => `Stop ${name}`,
      inner: { empty: '' },
      rich: ['Drop ', element, ' here'],
    };
    const { named, inner, rich } = translateMarked('test', english) as typeof english;
    expect(named('it')).toBe('⟦Stop it⟧');
    expect(inner).toEqual({ empty: '' });
    expect(rich).toEqual(['⟦', 'Drop ', element, ' here', '⟧']);
  });

  it('says errors by their sentences, in another language by the sentence as it is thrown', () => {
    const error = new EaselError('corrupt', said`${'a.pth'} is cut short. Download it again.`);
    const german: Partial<Record<ErrorSentence, string>> = {
      '{0} is cut short. Download it again.': '{0} ist abgeschnitten. Laden Sie es noch einmal.',
    };
    translate(fromTable({ errors: { sentence: (english: ErrorSentence) => german[english] } }));
    expect(errorText(error)).toBe('a.pth ist abgeschnitten. Laden Sie es noch einmal.');
    translate(translateMarked);
    expect(errorText(error)).toBe('⟦a.pth is cut short. Download it again.⟧');
    translate((_name, english) => english);
    expect(errorText(error)).toBe(error.message);
  });

  it('has what sentences call settings, samplers and schedules, in English as they do', () => {
    const samplers = Object.keys(SAMPLERS) as SamplerId[];
    const labels = [
      fieldNames().map(fieldLabel),
      samplers.map(samplerLabel),
      schedulesOf('euler').map(scheduleLabel),
    ].flat();
    expect(labels.map(({ at }) => textAt(at))).toEqual(labels.map(({ label }) => label));
    expect(textAt(['fields', 'steps', 'colour', 'of'])).toBeUndefined();
    expect(textAt(['none', 'toString'])).toBeUndefined();
  });

  it('says what is wrong with a request whole in another language, labels too', () => {
    const wrong = (request: object): unknown => {
      try {
        return parseRequest(request);
      } catch (thrown) {
        return thrown;
      }
    };
    const errors = [{ steps: 0 }, { sampler: 'lcm', width: 'x' }, { sampler: 'dpm_fast', schedule: 'karras' }].map(
      wrong,
    );
    const english = errors.map(errorText);
    expect(english).toEqual(errors.map((error) => (error as Error).message));
    translate(translateMarked);
    expect(errors.map(errorText)).toEqual([
      '⟦⟦Steps⟧ must be at least 1.⟧',
      '⟦⟦Width⟧ must be a number.⟧',
      '⟦⟦DPM fast⟧ places its own noise levels: its schedule must be ⟦Automatic⟧.⟧',
    ]);
    translate((_name, shown) => shown);
  });

  it('calls steps of the history, which lie in English on the disk, in the page’s language', () => {
    expect([stepText('Brush'), stepText('Outpaint')]).toEqual(['Brush', 'Outpaint']);
    translate(translateMarked);
    expect([stepText('Brush'), stepText('Grow mask'), stepText('Outpaint')]).toEqual([
      '⟦Brush⟧',
      '⟦Grow mask⟧',
      '⟦Outpaint⟧',
    ]);
    expect(stepText('Of another Easel')).toBe('Of another Easel');
    translate((_name, english) => english);
  });

  it('chooses the form of a language by its rules: Polish has three for whole numbers', () => {
    const english = pluralIn('en');
    const forms = { one: 'one', few: 'few', many: 'many', other: 'other' };
    expect([0, 1, 2].map((count) => english(count, { one: '1 file', other: `${count} files` }))).toEqual([
      '0 files',
      '1 file',
      '2 files',
    ]);
    expect([1, 2, 5, 22].map((count) => pluralIn('pl')(count, forms))).toEqual(['one', 'few', 'many', 'few']);
    expect(pluralIn('pl')(5, { one: 'one', other: 'other' })).toBe('other');
  });
});

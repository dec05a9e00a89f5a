import { texts } from '../../texts/app';
import { Sentence } from '../components/sentence';
import { Message } from './message';

/** In the place of the page where its address makes a browser withhold what it is built on. */
export function InsecureAddress() {
  const { host, port, pathname } = location;
  const local = `localhost${port && `:${port}`}`;
  return (
    <Message title={texts.openSecurely} alert>
      <p>
        <Sentence of={texts.addressIsNeither(<strong>{`http://${host}`}</strong>)} />
      </p>
      <p>
        <Sentence of={texts.ifYouHostIt(<a href={`http://${local}${pathname}`}>{local}</a>)} />
      </p>
      <div className="message-actions">
        <a className="button" href={`https://${location.hostname}${pathname}`}>
          {texts.tryHttps}
        </a>
      </div>
    </Message>
  );
}

import { Message } from './message';

/** In the place of the page where its address makes a browser withhold what it is built on. */
export function InsecureAddress() {
  const { host, port, pathname } = location;
  return (
    <Message title="Open Easel over https or on localhost" alert>
      <p>
        <strong>http://{host}</strong> is neither, so the browser withholds what Easel is built on: the graphics card,
        threads, checksums of downloads and locks on what is stored.
      </p>
      <p>
        If you host it: put it behind https, which a reverse proxy such as Caddy sets up by itself. On the machine that
        serves it, open <a href={`http://localhost${port && `:${port}`}${pathname}`}>localhost{port && `:${port}`}</a>.
      </p>
      <div className="message-actions">
        <a className="button" href={`https://${location.hostname}${pathname}`}>
          Try https
        </a>
      </div>
    </Message>
  );
}

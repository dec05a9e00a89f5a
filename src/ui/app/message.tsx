import type { ReactNode } from 'react';
import './tokens.css';
import './base.css';
import './app.css';
import './message.css';

/** A message in the place of the page, or of a view. */
export function Message({ title, alert, children }: { title: string; alert?: boolean; children: ReactNode }) {
  return (
    <main className="message" aria-label={title}>
      <section className="message-card" role={alert ? 'alert' : undefined}>
        <h2>{title}</h2>
        {children}
      </section>
    </main>
  );
}

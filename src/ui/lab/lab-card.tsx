import { type ReactNode, useId } from 'react';
import './lab-card.css';

interface LabCardProps {
  title: string;
  /** One sentence: what one sees. */
  description: ReactNode;
  /** How much of a row it takes where there is room. */
  width?: 'wide' | 'full';
  children: ReactNode;
}

/** One thing to look at. */
export function LabCard({ title, description, width, children }: LabCardProps) {
  const id = useId();
  return (
    <section className="lab-card" data-width={width} aria-labelledby={id}>
      <header>
        <h3 id={id}>{title}</h3>
        <p className="lab-description">{description}</p>
      </header>
      {children}
    </section>
  );
}

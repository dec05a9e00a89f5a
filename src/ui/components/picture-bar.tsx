import type { ReactNode } from 'react';
import './picture-bar.css';

/** What stands under a picture: what it is, and what can be done with it. */
export const PictureBar = ({ children }: { children: ReactNode }) => <div className="picture-bar">{children}</div>;

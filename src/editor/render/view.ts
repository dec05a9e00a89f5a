import { type Box, isEmpty } from '../../core/image/picture';
import type { CanvasDocument } from '../document/document';
import { createRenderer, type RenderScene, type RenderTarget } from './renderer';

/** Where to draw, and when: requestAnimationFrame on a page. */
export interface View extends RenderTarget {
  /** @returns takes the request back */
  requestFrame(draw: () => void): () => void;
}

export interface AttachedView {
  /** Draws in the next frame; the live stroke changed inside a box that is given. */
  redraw(box?: Box): void;
  /** A live stroke was kept: this document looks as the last frame did. */
  settle(document: CanvasDocument): void;
  detach(): void;
}

/** Keeps a canvas showing the scene, drawing at most once a frame and only when asked. */
export function attachView({ requestFrame, ...target }: View, scene: () => RenderScene): AttachedView {
  const renderer = createRenderer(target);
  let takeBack: (() => void) | undefined;
  const request = (): void => {
    takeBack ??= requestFrame(draw);
  };
  const draw = (): void => {
    takeBack = undefined;
    if (!renderer.draw(scene())) request();
  };
  request();
  return {
    redraw(box) {
      if (box && !isEmpty(box)) renderer.damage(box);
      request();
    },
    settle: renderer.settle,
    detach() {
      takeBack?.();
      renderer.dispose();
    },
  };
}

import { Component, type ErrorInfo, type ReactNode } from 'react';

/** What a boundary caught. */
export interface Failure {
  thrown: unknown;
  /** Where in the page it was thrown, as React tells it. */
  where?: string;
  /** Shows what failed once more. */
  retry?: () => void;
}

interface BoundaryProps {
  fallback(failure: Failure): ReactNode;
  children: ReactNode;
}

/** Keeps what fails inside it, while it is drawn or in an effect, from taking the rest of the page along. */
export class Boundary extends Component<BoundaryProps, { failure?: Failure }> {
  override state: { failure?: Failure } = {};

  static getDerivedStateFromError(thrown: unknown) {
    return { failure: { thrown } };
  }

  override componentDidCatch(thrown: unknown, { componentStack }: ErrorInfo) {
    this.setState({ failure: { thrown, where: componentStack ?? undefined } });
  }

  override render(): ReactNode {
    const { failure } = this.state;
    if (!failure) return this.props.children;
    return this.props.fallback({ ...failure, retry: () => this.setState({ failure: undefined }) });
  }
}

import { Component, type ReactNode } from "react";
import { Fault } from "../parts/answer";

/** A page that breaks says so in its place; the frame lives on. */
export class Boundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <div className="page">
        <Fault error={error} asked="this page" retry={() => window.location.reload()} />
        <p className="small soft">{error.message}</p>
      </div>
    );
  }
}

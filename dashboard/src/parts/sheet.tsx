/** The ruled sheet: a headline that is the finding, and cells that share hairlines. */
import { useEffect, type ReactNode } from "react";

/** `name` stands in the browser's tab; `headline` is a sentence that a person could say aloud. */
export function Page({ name, headline, lede, children }: { name: string; headline: ReactNode; lede?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${name} · Footfall`;
  }, [name]);
  return (
    <div className="page">
      <h1 className="headline">{headline}</h1>
      {lede && <p className="lede">{lede}</p>}
      {children}
    </div>
  );
}

export function Sheet({ children }: { children: ReactNode }) {
  return <div className="sheet">{children}</div>;
}

interface CellProps {
  /** Columns of twelve; on a phone all cells take the whole width. */
  span: 3 | 4 | 5 | 6 | 7 | 8 | 9 | 12;
  /** First and last of their row carry no outer rule. */
  first?: boolean;
  last?: boolean;
  title?: ReactNode;
  subtitle?: ReactNode;
  /** A link or a button at the right of the title. */
  action?: ReactNode;
  children: ReactNode;
  /** Names the region for readers and tests; the title does when it is text. */
  label?: string;
}

export function Cell({ span, first = false, last = false, title, subtitle, action, children, label }: CellProps) {
  const name = label ?? (typeof title === "string" ? title : undefined);
  return (
    <section className={`cell c${span}${first ? " first" : ""}${last ? " last" : ""}`} aria-label={name}>
      {(title !== undefined || action !== undefined) && (
        <header className="cell-head">
          {title !== undefined && <h2>{title}</h2>}
          {subtitle !== undefined && <p>{subtitle}</p>}
          {action !== undefined && <span className="cell-action">{action}</span>}
        </header>
      )}
      {children}
    </section>
  );
}

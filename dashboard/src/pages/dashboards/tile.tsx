/** One tile's place on the sheet, as wide as it says. */
import type { ReactNode } from "react";
import { Cell } from "../../parts/sheet";

const SPANS = [3, 4, 5, 6, 7, 8, 9, 12] as const;
export type Span = (typeof SPANS)[number];

const spanOf = (width: number): Span => SPANS.find((span) => span === width) ?? 6;

interface TileProps {
  title: string;
  width: number;
  first: boolean;
  last: boolean;
  action?: ReactNode;
  children: ReactNode;
}

export function Tile({ title, width, first, last, action, children }: TileProps) {
  return (
    <Cell span={spanOf(width)} first={first} last={last} title={title} action={action}>
      {children}
    </Cell>
  );
}

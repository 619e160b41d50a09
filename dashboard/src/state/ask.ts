/** A question to the API that a part of the page shows the answer of: the part carries it, to be copied and checked. */
import { createContext } from "react";
import type { Params } from "../api/client";

export interface Ask {
  path: string;
  params: Params;
}

/** What the tile around asks; null outside of one. */
export const AskContext = createContext<Ask | null>(null);

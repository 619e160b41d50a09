/** The public key that stands in the snippet. A secret is told once, when the key is made, so the tab remembers it. */
import { useState } from "react";
import { send, type Schema } from "../../api/client";

export interface PublicKey {
  /** Null until one was made in this tab. */
  secret: string | null;
  make(origin: string): Promise<void>;
}

/** The key also holds for this server's own pages, so that a test event can be sent from here. */
export function usePublicKey(project: string): PublicKey {
  const place = `footfall.snippet.${project}`;
  const [secret, setSecret] = useState(() => window.sessionStorage.getItem(place));
  const make = async (origin: string): Promise<void> => {
    const origins = [...new Set([origin, window.location.origin])];
    const made = await send<Schema<"KeySecret">>("POST", "/v1/keys", { params: { project }, body: { kind: "public", origins, label: `snippet for ${origin}` } });
    window.sessionStorage.setItem(place, made.secret);
    setSecret(made.secret);
  };
  return { secret, make };
}

/** `https://shop.example` of whatever address of the shop somebody wrote; null when it is none. */
export function originOf(text: string): string | null {
  const written = text.trim();
  try {
    const address = new URL(/^[a-z]+:\/\//i.test(written) ? written : `https://${written}`);
    return /^https?:$/.test(address.protocol) && address.hostname ? address.origin : null;
  } catch {
    return null;
  }
}

/** Whom an alert is about: `u:` + user id, else `v:` + visitor id, else `s:` + session id. */
import { shortId } from "../../words/numbers";

const KINDS: Readonly<Record<string, string>> = { u: "user", v: "visitor", s: "session" };

/** `user ada`, `visitor 8c1…4a2e`. */
export function subjectInWords(subject: string): string {
  const kind = KINDS[subject.slice(0, 1)];
  const id = subject.slice(2);
  return kind === undefined ? subject : `${kind} ${shortId(id, kind === "user" ? 20 : 12)}`;
}

/** Where their profile or session stands. */
export function subjectHref(subject: string): string {
  return subject.startsWith("s:") ? `/sessions/${encodeURIComponent(subject)}` : `/people/${encodeURIComponent(subject)}`;
}

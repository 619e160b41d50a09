/** Forms begun, sent and given up: names of fields and how many were filled in, never what was filled in. */

import { around, type Site } from "../site";

const FIELDS = "input,select,textarea";
const NOT_FILLED_IN = ["hidden", "submit", "button", "reset", "image", "password"];

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

interface Progress {
  filled: Set<string>;
  last?: string;
}

/** Tell `form_start`, `form_submit` and `form_abandon`, from the event that loaded this on. */
export function capture(site: Site, first?: Event): void {
  const begun = new Map<HTMLFormElement, Progress>();

  const touched = (event: Event, filled: boolean): void => {
    const field = around(event, FIELDS) as Field | null;
    const name = field && nameOf(field);
    if (!field?.form || !name) return;
    let progress = begun.get(field.form);
    if (!progress) {
      begun.set(field.form, (progress = { filled: new Set() }));
      site.send("form_start", formFacts(field.form));
    }
    progress.last = name;
    if (filled) progress.filled.add(name);
  };
  site.on(document, "focusin", (event) => touched(event, false));
  site.on(document, "change", (event) => touched(event, true));
  const sent = (event: Event): void => {
    const form = around(event, "form") as HTMLFormElement | null;
    if (!form) return;
    site.send("form_submit", { ...formFacts(form), ...completion(form, begun.get(form)) });
    begun.delete(form);
  };
  site.on(document, "submit", sent);
  if (first?.type === "submit") sent(first);
  else if (first) touched(first, false);
  site.onLeave((forGood) => {
    if (!forGood) return;
    for (const [form, progress] of begun) {
      site.send("form_abandon", { ...formFacts(form), ...completion(form, progress), last_field: progress.last });
    }
    begun.clear();
  });
}

/** The name of a field that people fill in; never a password's, even while it is shown as text. */
function nameOf(field: Field): string | undefined {
  const name = field.getAttribute("name") || field.id;
  const secret = /pass|pwd/i.test(name + field.getAttribute("autocomplete"));
  return secret || NOT_FILLED_IN.includes(field.type) || field.closest("[data-footfall-ignore]") ? undefined : name;
}

function formFacts(form: HTMLFormElement): Record<string, string | undefined> {
  const given = (name: string): string | undefined => form.getAttribute(name) ?? undefined;
  return { form_id: given("id"), form_name: given("name") ?? given("aria-label") };
}

/** The fields filled in, and how many percent of all they are. */
function completion(form: HTMLFormElement, progress?: Progress): Record<string, unknown> {
  const names = new Set([...form.elements].map((field) => (field.matches(FIELDS) ? nameOf(field as Field) : "")));
  names.delete(undefined);
  names.delete("");
  const filled = progress?.filled ?? new Set();
  return { fields: [...filled], completion: names.size ? Math.round((100 * filled.size) / names.size) : undefined };
}

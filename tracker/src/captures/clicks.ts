/** Clicks on links and buttons: where they lead and what stands on them, never what stands in them. */

import { masked } from "../address";
import type { Capture } from "../options";
import { around, type Site } from "../site";

const CLICKED = "a[href],area[href],button,summary,[role=button],[type=button],[type=submit]";
const FILE =
  /\.(7z|apk|csv|dmg|docx?|epub|exe|gz|iso|jar|mov|mp[34]|msi|od[pst]|pdf|pkg|pptx?|rar|rpm|rtf|tgz|txt|wav|xlsx?|xml|zip)$/i;

/** Characters; a longer text is content. */
const LONGEST_LABEL = 80;

/** Tell clicks by the switches `on`: a click on a link that leads out or to a file is that alone. */
export function clicks(site: Site, on: (capture: Capture) => boolean): void {
  const heard = (event: MouseEvent): void => {
    const element = event.button < 2 && around(event, CLICKED);
    if (!element) return;
    const href = element.getAttribute("href");
    const url = href === null ? undefined : new URL(href, document.baseURI);
    const web = url?.protocol.startsWith("http");
    const [name, capture] = web ? sort(element, url!) : CLICK;
    if (!on(capture)) return;
    site.send(name, {
      href: web ? site.told(url!.href) : url?.protocol, // of a mail address or a telephone number only that it is one
      label: label(element),
      element: element.localName,
      id: element.id || undefined,
    });
  };
  site.on(document, "click", heard);
  site.on(document, "auxclick", heard);
}

const CLICK: readonly [string, Capture] = ["click", "clicks"];

function sort(element: Element, { pathname, host }: URL): readonly [string, Capture] {
  if (element.hasAttribute("download") || FILE.test(pathname)) return ["download", "downloads"];
  return host === location.host ? CLICK : ["click_outbound", "outbound"];
}

/** The name that assistive technology would read out, as far as the page's author wrote it. */
function label(element: Element): string | undefined {
  const names = ["data-footfall-label", "aria-label", "title", "name"].map((name) => element.getAttribute(name));
  const text = (names.slice(0, 3).find(Boolean) ?? shown(element) ?? names[3] ?? "").replace(/\s+/g, " ").trim();
  return text && text.length <= LONGEST_LABEL ? masked(text) : undefined;
}

function shown(element: Element): string | null | undefined {
  if (element.querySelector("input,select,textarea,[contenteditable]")) return null;
  return element.textContent?.trim() || element.querySelector("img")?.getAttribute("alt");
}

/** The four visitor classes, from the lowest step to the highest. */
export const CLASSES = ["bouncer", "browser", "engaged_shopper", "power_user"] as const;
export type VisitorClass = (typeof CLASSES)[number];

/** The part of the tokens' names: `--engaged-tint`. */
export const TOKEN: Record<VisitorClass, string> = {
  bouncer: "bouncer",
  browser: "browser",
  engaged_shopper: "engaged",
  power_user: "power",
};

export const isClass = (text: string): text is VisitorClass => (CLASSES as readonly string[]).includes(text);

/** `engaged shopper`. */
export const className = (visitorClass: string): string => visitorClass.replaceAll("_", " ");

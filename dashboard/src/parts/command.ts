/** A question of the API as the command that asks the same: `footfall trends revenue --unit week`. */
import type { Ask } from "../state/ask";

/** How a route is asked on the command line. */
interface Command {
  words: string;
  /** Parameters that stand there without a name, in this order. */
  bare?: readonly string[];
  /** {parameter: its option}. */
  options?: Readonly<Record<string, string>>;
  /** {"parameter=value": the word that says it; nothing where it is usual}. */
  flags?: Readonly<Record<string, string>>;
  /** What the route takes where nothing is said, and the command does not. */
  usual?: Readonly<Record<string, string>>;
}

const RANGE = { from: "--from", before: "--before" };
const SCOPE = { ...RANGE, last: "--last", where: "--where", zone: "--zone" };
const PAGE = { limit: "--limit", cursor: "--cursor" };
const BY = { "by=person": "", "by=session": "--sessions" };

/** What stands in the path behind a route that ends with a slash. */
const OF = "of this";

/** {route: its command}. */
const COMMANDS: Readonly<Record<string, Command>> = {
  "/v1/trends": { words: "trends", bare: ["figure"], options: { ...SCOPE, of: "--of", property: "--property", unit: "--unit", split: "--by", beside: "--beside" }, flags: BY },
  "/v1/funnel": { words: "funnel", bare: ["step"], options: { ...SCOPE, within: "--within", split: "--by", unit: "--unit" }, flags: { ...BY, "order=loose": "", "order=strict": "--strict" } },
  "/v1/funnel/apart": { words: "funnel", bare: ["step"], options: { ...SCOPE, within: "--within", at: "--apart" }, flags: { ...BY, "order=loose": "", "order=strict": "--strict" } },
  "/v1/retention": { words: "retention", options: { ...SCOPE, unit: "--unit", periods: "--periods", cohorts: "--cohorts", first: "--first", back: "--back", split: "--by" }, flags: { ...BY, "money=true": "--money" } },
  "/v1/paths": { words: "paths", options: { ...SCOPE, start: "--start", end: "--end", over: "--over", depth: "--depth", top: "--top" }, flags: BY, usual: { top: "10" } },
  "/v1/breakdown/": { words: "breakdown", bare: [OF], options: { ...SCOPE, top: "--top" }, flags: BY, usual: { top: "50" } },
  "/v1/classes/conversion": { words: "classes conversion", options: { started_from: "--from", started_before: "--before" } },
  "/v1/classes/distribution": { words: "classes distribution", options: { ...RANGE, limit: "--limit" } },
  "/v1/classes/rules": { words: "classes rules" },
  "/v1/sessions": {
    words: "sessions",
    options: { ...PAGE, started_from: "--from", started_before: "--before", ended_from: "--ended-from", ended_before: "--ended-before", visitor_class: "--class", user_id: "--user", owner: "--owner", sort: "--sort" },
    flags: { "has_purchase=true": "--purchase", "has_purchase=false": "--no-purchase" },
  },
  "/v1/sessions/": { words: "session", bare: [OF], options: { limit: "--limit" } },
  "/v1/people": { words: "people", options: { ...SCOPE, ...PAGE, search: "--search", visitor_class: "--class", sort: "--sort" } },
  "/v1/people/": { words: "person", bare: [OF], options: PAGE },
  "/v1/alerts": { words: "alerts", options: { ...RANGE, ...PAGE, rule: "--rule", severity: "--severity", subject: "--subject" } },
  "/v1/alerts/": { words: "alert", bare: [OF], options: PAGE },
  "/v1/risk": { words: "fraud risk", options: { ...PAGE, subject: "--subject" } },
  "/v1/fraud/thresholds": { words: "fraud thresholds", options: RANGE },
  "/v1/rejected": { words: "rejected list", options: { ...PAGE, reason: "--reason", source: "--source" } },
  "/v1/rejected/counts": { words: "rejected counts", options: { ...RANGE, zone: "--zone", unit: "--unit", reason: "--reason", source: "--source" } },
  "/v1/health": { words: "health", options: { ...RANGE, zone: "--zone", unit: "--unit" } },
  "/v1/health/storage": { words: "health --storage" },
  "/v1/dashboards": { words: "dashboards list" },
  "/v1/questions": { words: "questions list" },
  "/v1/links": { words: "links list" },
  "/v1/watches": { words: "watches list" },
  "/v1/schedules": { words: "schedules list" },
  "/v1/keeping": { words: "keep" },
  "/v1/keys": { words: "keys list" },
  "/v1/tokens": { words: "tokens list" },
  "/v1/config": { words: "config" },
};

/** The project that commands are about when they name none. */
const USUAL_PROJECT = "default";
const PEOPLE = "/people";

/** Null where no command asks that: a command that asked something like it would be worse than none. */
export function commandOf({ path, params }: Ask): string | null {
  const isPeople = path.endsWith(PEOPLE) && path !== "/v1/people";
  const [command, of] = found(isPeople ? path.slice(0, -PEOPLE.length) : path);
  if (!command) return null;
  const given = Object.entries({ ...command.usual, ...params, [OF]: of }).flatMap(([name, value]): [string, string][] =>
    (Array.isArray(value) ? (value as readonly string[]) : [value]).flatMap((one): [string, string][] => (one === null || one === undefined || one === "" ? [] : [[name, String(one)]])),
  );
  const bare = (command.bare ?? []).flatMap((name) => given.filter(([one]) => one === name).map(([, value]) => quoted(value)));
  const [options, coordinates]: [string[], string[]] = [[], []];
  for (const [name, value] of given) {
    const [option, flag] = [command.options?.[name], command.flags?.[`${name}=${value}`]];
    if (command.bare?.includes(name)) continue;
    else if (option !== undefined) options.push(option, quoted(value));
    else if (flag !== undefined) options.push(flag);
    else if (name === "project") options.push(...(value === USUAL_PROJECT ? [] : ["--project", quoted(value)]));
    else if (isPeople) coordinates.push(value === "true" ? name : `${name}=${coordinate(value)}`);
    else return null;
  }
  if (isPeople) options.push("--people", quoted(coordinates.join(",")));
  return ["footfall", command.words, ...bare, ...options].filter(Boolean).join(" ");
}

/** `/v1/breakdown/pages` is the route `/v1/breakdown/`, of pages. */
function found(path: string): [command: Command | undefined, of: string | undefined] {
  const end = path.lastIndexOf("/") + 1;
  return path in COMMANDS ? [COMMANDS[path], undefined] : [COMMANDS[path.slice(0, end)], decodeURIComponent(path.slice(end))];
}

/** A word as a shell takes it as it is. */
const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/** Values with a comma or a quote, or blanks around them, are written as JSON. */
const coordinate = (value: string): string => (/[,"]|^\s|\s$/.test(value) || value === "true" ? JSON.stringify(value) : value);

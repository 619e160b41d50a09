/** What stands around every page: rail, top bar, a phone's tabs, the palette and the keys. */
import { useCallback, useEffect, useMemo, useState, type ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { send, type Schema } from "../api/client";
import { queries, useAnswer } from "../api/queries";
import { Fault } from "../parts/answer";
import { Button } from "../parts/button";
import { ProjectContext, useProject, type Project } from "../state/project";
import { Boundary } from "./boundary";
import { KeyHelp } from "./help";
import { useKeys } from "./keys";
import { Palette } from "./palette";
import { PLACES, type Group, type Place } from "./places";
import { chooseTheme, useTheme } from "./theme";
import { TopBar } from "./top_bar";

const PROJECT_KEY = "footfall.project";
const GROUPS: readonly Group[] = ["", "Collect", "Understand", "Decide", "Manage"];

/** The place that an address belongs to: a session's page belongs to Sessions. */
export function placeOf(path: string): Place | undefined {
  const parent = `/${path.split("/")[1] ?? ""}`;
  return PLACES.find((place) => place.path === path) ?? PLACES.find((place) => !place.hidden && place.path === parent);
}

export function Frame({ children }: { children: ReactNode }) {
  const project = useProjects();
  if (project instanceof Error) return <Fault error={project} asked="who you are" retry={() => void queries.invalidateQueries()} />;
  if (!project) return null;
  return (
    <ProjectContext value={project}>
      <Framed>{children}</Framed>
    </ProjectContext>
  );
}

function Framed({ children }: { children: ReactNode }) {
  const [path, go] = useLocation();
  const [open, setOpen] = useState<"palette" | "keys" | "more" | null>(null);
  const close = useCallback(() => setOpen(null), []);
  useEffect(close, [path, close]);
  const letters = Object.fromEntries(PLACES.filter((place) => place.letter).map((place) => [`g ${place.letter}`, () => go(place.path)]));
  useKeys({ ...letters, "mod+k": () => setOpen("palette"), "/": () => setOpen("palette"), "?": () => setOpen("keys") });
  const place = placeOf(path);
  return (
    <div className="frame">
      <a className="skip" href="#sheet">
        To the page
      </a>
      <Rail path={path} find={() => setOpen("palette")} />
      <div className="column">
        <TopBar place={place} />
        <main id="sheet" tabIndex={-1}>
          <Boundary key={path}>{children}</Boundary>
        </main>
      </div>
      <Tabs path={path} more={() => setOpen("more")} />
      {open === "palette" && <Palette close={close} />}
      {open === "more" && <Palette close={close} heading="All pages" />}
      {open === "keys" && <KeyHelp close={close} />}
    </div>
  );
}

/** Null until the server has said who is asking, and of which projects; an Error when it can't. */
function useProjects(): Project | Error | null {
  const me = useAnswer<Schema<"Me">>("/v1/me");
  const all = useAnswer<Schema<"Projects">>("/v1/projects");
  const [chosen, setChosen] = useState(() => window.localStorage.getItem(PROJECT_KEY));
  const choose = useCallback((id: string) => {
    window.localStorage.setItem(PROJECT_KEY, id);
    setChosen(id);
    queries.clear();
  }, []);
  const error = me.error ?? all.error;
  return useMemo(() => {
    if (!me.data || !all.data) return error;
    const projects = all.data.items;
    const own = me.data.project;
    const id = own ?? (projects.some((one) => one.id === chosen) ? chosen : null) ?? "default";
    const found = projects.find((one) => one.id === id);
    return { id, name: found?.name ?? id, currency: found?.currency ?? "USD", zone: found?.zone ?? "UTC", me: me.data, projects, choose };
  }, [me.data, all.data, error, chosen, choose]);
}

function Mark() {
  return (
    <svg width="18" height="20" viewBox="0 0 18 20" aria-hidden="true" fill="currentColor">
      <rect x="1" y="8" width="6.5" height="11" rx="3.25" />
      <rect x="10.5" y="1" width="6.5" height="11" rx="3.25" />
      <rect x="10.5" y="14" width="6.5" height="5" rx="2.5" opacity=".38" />
      <rect x="1" y="1" width="6.5" height="5" rx="2.5" opacity=".38" />
    </svg>
  );
}

function Rail({ path, find }: { path: string; find: () => void }) {
  const project = useProject();
  const here = placeOf(path);
  const seen = PLACES.filter((place) => !place.hidden && (!place.needs || project.me.permissions.includes(place.needs)));
  return (
    <nav className="rail" aria-label="Pages">
      <div className="brand">
        <Mark />
        Footfall
        {project.projects.length > 1 ? (
          <select className="project" aria-label="Project" value={project.id} onChange={(event) => project.choose(event.target.value)}>
            {project.projects.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
        ) : (
          <small>{project.name}</small>
        )}
      </div>
      <button type="button" className="find" onClick={find}>
        Find or go to <kbd aria-hidden="true">⌘K</kbd>
      </button>
      {GROUPS.map((group) => (
        <div key={group} className="rail-group" role="group" aria-label={group || "First"}>
          {group && <p className="rail-head">{group}</p>}
          {seen
            .filter((place) => place.group === group)
            .map((place) => (
              <Link key={place.path} href={place.path} className="rail-link" aria-current={place === here ? "page" : undefined}>
                {place.name}
              </Link>
            ))}
        </div>
      ))}
      <RailFoot />
    </nav>
  );
}

/** The state of the roles, the look, and the way out. */
function RailFoot() {
  const ready = useAnswer<Schema<"Readiness">>("/ready", {}, { every: 10_000 });
  const theme = useTheme();
  const words = ready.isError ? "The server does not answer" : ready.data?.ready === false ? "Not all roles are well" : "One process, all roles healthy";
  return (
    <div className="rail-foot">
      <p className={ready.isError || ready.data?.ready === false ? "worse" : ""}>{ready.data || ready.isError ? words : "…"}</p>
      <p>
        <button type="button" className="link" onClick={() => chooseTheme(theme === "dark" ? "light" : "dark")}>
          {theme === "dark" ? "Light" : "Dark"}
        </button>
        <button type="button" className="link" onClick={() => void logOut()}>
          Log out
        </button>
      </p>
    </div>
  );
}

export async function logOut(): Promise<void> {
  await send("POST", "/logout").catch(() => null); // it answers with a page
  window.location.assign("/login");
}

const ICONS: Record<string, string> = {
  "/": "M3 13h14M3 9h9M3 5h14",
  "/live": "M2 10h4l2-5 4 10 2-5h4",
  "/funnels": "M3 5h14M6 10h8M9 15h2",
  "/people": "M10 9a3 3 0 1 0 0-.1M4 17c0-4 3-6 6-6s6 2 6 6",
};

function Icon({ path }: { path: string }) {
  return (
    <svg width="20" height="20" viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}

function Tabs({ path, more }: { path: string; more: () => void }) {
  const here = placeOf(path);
  return (
    <nav className="tabs" aria-label="Main pages">
      {PLACES.filter((place) => place.tab).map((place) => (
        <Link key={place.path} href={place.path} aria-current={place === here ? "page" : undefined}>
          <Icon path={ICONS[place.path] ?? ""} />
          {place.name}
        </Link>
      ))}
      <Button look="quiet" onClick={more} aria-pressed={here !== undefined && !here.tab}>
        <Icon path="M4 10h.1M10 10h.1M16 10h.1" />
        More
      </Button>
    </nav>
  );
}

/** The page's name, how fresh its figures are, and the range it is about. */
import { useRef, useState, type ReactNode } from "react";
import { createPortal } from "react-dom";
import { useLocation } from "wouter";
import { Button } from "../parts/button";
import { useProject } from "../state/project";
import { RANGES, useRange, type RangeName } from "../state/range";
import { useView } from "../state/view";
import { useKeys } from "./keys";
import { PLACES, type Place } from "./places";

const [FRESHNESS, ACTIONS] = ["top-freshness", "top-actions"];

export function TopBar({ place }: { place: Place | undefined }) {
  const [path] = useLocation();
  const shown = PLACES.find((one) => one.path === path) ?? PLACES.find((one) => one.hidden && place && one.path.startsWith(`${place.path}/`));
  return (
    <header className="top">
      <p className="crumb">{place?.name ?? "Footfall"}</p>
      <span className="space" />
      <span id={FRESHNESS} className="fresh" role="status" />
      {shown && !shown.rangeless && <RangeChoice key={shown.path} usual={shown.usual} />}
      <span id={ACTIONS} className="top-actions" />
    </header>
  );
}

/** Puts a page's own words of freshness ("live, 0.8 s behind") into the top bar. */
export function Freshness({ children, stale = false }: { children: ReactNode; stale?: boolean }) {
  return into(
    FRESHNESS,
    <span className={stale ? "worse" : ""}>
      <span className={`pulse${stale ? " stale-mark" : ""}`} aria-hidden="true" />
      {children}
    </span>,
  );
}

/** Puts a page's actions, at most two, into the top bar. */
export function TopActions({ children }: { children: ReactNode }) {
  return into(ACTIONS, children);
}

function into(id: string | undefined, content: ReactNode): ReactNode {
  const place = document.getElementById(id ?? "");
  return place && createPortal(content, place);
}

/** A range by name or by two days; `R` opens it. */
function RangeChoice({ usual }: { usual: RangeName | undefined }) {
  const view = useView();
  const { zone } = useProject();
  const range = useRange(usual);
  const list = useRef<HTMLSelectElement>(null);
  const [own, setOwn] = useState(range.name === null);
  useKeys({
    r: () => {
      list.current?.focus();
      list.current?.showPicker?.();
    },
  });
  const choose = (value: string): void => {
    setOwn(value === "own");
    if (value !== "own") view.set({ range: value, from: null, to: null });
  };
  return (
    <span className="range">
      <span className="choice boxed">
        <select ref={list} aria-label={`Range, days in ${zone}`} aria-keyshortcuts="R" value={own ? "own" : (range.name ?? "own")} onChange={(event) => choose(event.target.value)}>
          {(Object.keys(RANGES) as RangeName[]).map((name) => (
            <option key={name} value={name}>
              {RANGES[name].label}
            </option>
          ))}
          <option value="own">From … to …</option>
        </select>
      </span>
      {own && <OwnRange done={(from, to) => view.set({ range: null, from, to })} from={range.params.from ?? ""} to={range.params.to ?? ""} />}
    </span>
  );
}

/** `to` is the first day that is not in it, as in the API; people are asked for the last one that is. */
function OwnRange({ from, to, done }: { from: string; to: string; done: (from: string, to: string | null) => void }) {
  const [first, setFirst] = useState(from.slice(0, 10));
  const [last, setLast] = useState(to ? shifted(to, -1) : "");
  return (
    <form
      className="own-range"
      onSubmit={(event) => {
        event.preventDefault();
        if (first) done(first, last ? shifted(last, 1) : null);
      }}
    >
      <input type="date" aria-label="First day" required value={first} max={last || undefined} onChange={(event) => setFirst(event.target.value)} />
      <input type="date" aria-label="Last day" value={last} min={first || undefined} onChange={(event) => setLast(event.target.value)} />
      <Button type="submit">Show</Button>
    </form>
  );
}

function shifted(isoDay: string, days: number): string {
  const noon = new Date(`${isoDay.slice(0, 10)}T12:00:00Z`).getTime();
  return new Date(noon + days * 86_400_000).toISOString().slice(0, 10);
}

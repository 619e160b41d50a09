/** What happens now, as the server tells it (`/v1/live`); it reconnects by itself and knows how far behind it is. */
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { address } from "./client";

export interface Counters {
  time: string;
  events: number;
  events_per_second: number;
  /** Sessions whose last event arrived in the last five minutes, by class. */
  visitors: Readonly<Record<string, number>>;
  lag_events: number;
}

export type LiveKind = "class" | "alert" | "counters" | "gap";
/** A message's content as JSON; its form is in docs/api.md under `GET /v1/live`. */
export type Listener = (kind: LiveKind, content: unknown) => void;

export interface Freshness {
  /** Whether the stream stands and has told of the last two seconds. */
  live: boolean;
  /** Seconds since the last word; null before the first. */
  behind: number | null;
}

const KINDS: readonly LiveKind[] = ["class", "alert", "counters", "gap"];
const LATE_MS = 2_500;

/** One stream for the whole page, open while anybody listens. */
class Stream {
  #source: EventSource | null = null;
  #listeners = new Set<Listener>();
  #heard: number | null = null;
  #freshness: Freshness = { live: false, behind: null };
  #watchers = new Set<() => void>();
  #clock: number | undefined;
  #project: string | null = null;

  listen(listener: Listener, project: string | null): () => void {
    if (this.#source && this.#project !== project) this.#end();
    this.#project = project;
    this.#listeners.add(listener);
    if (!this.#source) this.#begin();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#end();
    };
  }

  watch = (told: () => void): (() => void) => {
    this.#watchers.add(told);
    return () => this.#watchers.delete(told);
  };

  freshness = (): Freshness => this.#freshness;

  #begin(): void {
    const source = new EventSource(address("/v1/live", { project: this.#project }));
    this.#source = source;
    for (const kind of KINDS) {
      source.addEventListener(kind, (event: MessageEvent<string>) => {
        this.#heard = performance.now();
        const content: unknown = JSON.parse(event.data);
        for (const listener of this.#listeners) listener(kind, content);
      });
    }
    source.addEventListener("error", () => {
      this.#tell();
      if (source.readyState !== EventSource.CLOSED) return; // it reconnects by itself
      window.setTimeout(() => {
        if (this.#source !== source) return;
        this.#source = null;
        if (this.#listeners.size > 0) this.#begin();
      }, 2_000);
    });
    window.clearInterval(this.#clock);
    this.#clock = window.setInterval(() => this.#tell(), 500);
  }

  #end(): void {
    this.#source?.close();
    this.#source = null;
    this.#heard = null;
    window.clearInterval(this.#clock);
    this.#tell();
  }

  #tell(): void {
    const silent = this.#heard === null ? null : performance.now() - this.#heard;
    const behind = silent === null ? null : Math.round(silent / 100) / 10;
    const live = silent !== null && silent < LATE_MS && this.#source?.readyState === EventSource.OPEN;
    if (live === this.#freshness.live && behind === this.#freshness.behind) return;
    this.#freshness = { live, behind };
    for (const told of this.#watchers) told();
  }
}

const stream = new Stream();

/** Call `listener` for everything that happens while the component is on the page. */
export function useLive(listener: Listener, project: string | null = null): void {
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => stream.listen((kind, content) => latest.current(kind, content), project), [project]);
}

/** How fresh what the stream told is. */
export function useFreshness(): Freshness {
  return useSyncExternalStore(stream.watch, stream.freshness);
}

/** The newest counters; null before the first. */
export function useCounters(project: string | null = null): Counters | null {
  const [counters, setCounters] = useState<Counters | null>(null);
  useLive((kind, content) => {
    if (kind === "counters") setCounters(content as Counters);
  }, project);
  return counters;
}

/** What a tile shows while it waits, when it failed, when there is nothing, and when its figures are old. */
import type { UseQueryResult } from "@tanstack/react-query";
import { useEffect, useState, type ReactNode } from "react";
import { Problem } from "../api/client";
import { askOf } from "../api/queries";
import { AskContext } from "../state/ask";
import { asking } from "./asking";
import { Button } from "./button";

interface AnswerProps<Data> {
  /** With the question that it is asked by, where it is one: the tile then carries it. */
  of: UseQueryResult<Data>;
  /** What is being read, said after two seconds: "all orders of 28 days". */
  reads: string;
  /** Final height in pixels, so that nothing moves when the answer comes. */
  height?: number;
  /** Says whether there is nothing in it; then `empty` is shown. */
  isEmpty?: (data: Data) => boolean;
  empty?: ReactNode;
  children(data: Data): ReactNode;
}

/** Every tile's answer goes through this, so that no state is forgotten. */
export function Answer<Data>({ of, reads, height = 160, isEmpty, empty, children }: AnswerProps<Data>) {
  if (of.data === undefined) {
    if (of.isError) return <Fault error={of.error} asked={reads} retry={() => void of.refetch()} />;
    return <Waiting reads={reads} height={height} />;
  }
  const ask = askOf(of);
  if (isEmpty?.(of.data)) return <>{empty ?? <Nothing>Nothing happened in this range.</Nothing>}</>;
  return (
    <div className={of.isError || of.isPlaceholderData ? "stale" : ""} aria-busy={of.isFetching} {...(ask && asking(ask))}>
      {of.isError && (
        <p className="small worse" role="status">
          These figures could not be renewed: {of.error.message}
        </p>
      )}
      <AskContext value={ask}>{children(of.data)}</AskContext>
    </div>
  );
}

function useAfter(milliseconds: number): boolean {
  const [passed, pass] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => pass(true), milliseconds);
    return () => window.clearTimeout(timer);
  }, [milliseconds]);
  return passed;
}

function Waiting({ reads, height }: { reads: string; height: number }) {
  const [shown, long] = [useAfter(300), useAfter(2_000)];
  return (
    <div className={`waiting h-${Math.ceil(height / 40)}${shown ? " shown" : ""}`} role="status" aria-busy="true">
      {long && <p className="small soft">Reading {reads}…</p>}
      <span className="sr">{shown ? `Reading ${reads}` : ""}</span>
    </div>
  );
}

/** What was asked, what happened, and a button that does what is possible. */
export function Fault({ error, asked, retry }: { error: Error; asked: string; retry?: () => void }) {
  const known = error instanceof Problem;
  const id = known ? error.requestId : null;
  return (
    <div className="fault" role="alert">
      <p className="strong">Could not read {asked}.</p>
      <p>{known ? error.message : "The server can't be reached. It may be restarting; nothing sent to it is lost."}</p>
      {retry && <Button onClick={retry}>Try again</Button>}
      {id && (
        <p className="small soft">
          In the server's log: <code>{id}</code>
        </p>
      )}
    </div>
  );
}

/** Why there is nothing, what would change it, and the one action that does. */
export function Nothing({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className="nothing">
      <p>{children}</p>
      {action}
    </div>
  );
}

/** Which project the pages are about, what its days and its money are, and who is looking. */
import { createContext, useContext } from "react";
import type { Schema } from "../api/client";

export interface Project {
  id: string;
  name: string;
  currency: string;
  /** Time zone of its days and hours. */
  zone: string;
  me: Schema<"Me">;
  /** All projects that the reader may see. */
  projects: readonly Schema<"ProjectItem">[];
  choose(id: string): void;
}

export const ProjectContext = createContext<Project | null>(null);

/** Throws outside the frame, which knows the project before it shows a page. */
export function useProject(): Project {
  const project = useContext(ProjectContext);
  if (!project) throw new Error("no project: this stands outside the frame");
  return project;
}

/** Whether the reader may do something; what nobody may is not shown. */
export function useMay(permission: Schema<"Permission">): boolean {
  return useProject().me.permissions.includes(permission);
}

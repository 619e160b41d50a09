/** Every page: its address, its name, where it stands in the rail, and its code, which loads when it is first opened. */
import { lazy, type ComponentType, type LazyExoticComponent } from "react";
import type { Schema } from "../api/client";
import type { RangeName } from "../state/range";

export type Group = "" | "Collect" | "Understand" | "Decide" | "Manage";

export interface Place {
  path: string;
  name: string;
  group: Group;
  /** `G`, then this letter, goes there. */
  letter?: string;
  /** One of the five tabs of a phone. */
  tab?: boolean;
  /** Who lacks it does not see the page. */
  needs?: Schema<"Permission">;
  /** Reached from other pages only. */
  hidden?: boolean;
  /** Has no range of its own, so shows no choice of one. */
  rangeless?: boolean;
  /** What it shows when its address says no range; the page gives `useRange` the same. */
  usual?: RangeName;
  page: LazyExoticComponent<ComponentType>;
}

export const PLACES: readonly Place[] = [
  { path: "/", name: "Overview", group: "", letter: "o", tab: true, usual: "7d", page: lazy(() => import("../pages/overview/overview")) },
  { path: "/live", name: "Live", group: "", letter: "l", tab: true, rangeless: true, page: lazy(() => import("../pages/live/live")) },
  { path: "/start", name: "First events", group: "Collect", rangeless: true, page: lazy(() => import("../pages/start/start")) },
  { path: "/data-health", name: "Data health", group: "Collect", letter: "h", usual: "24h", page: lazy(() => import("../pages/health/health")) },
  { path: "/rejected", name: "Rejected events", group: "Collect", page: lazy(() => import("../pages/rejected/rejected")) },
  { path: "/classes", name: "Classes", group: "Understand", letter: "c", page: lazy(() => import("../pages/classes/classes")) },
  { path: "/sessions", name: "Sessions", group: "Understand", letter: "s", usual: "7d", page: lazy(() => import("../pages/sessions/sessions")) },
  { path: "/sessions/:id", name: "Session", group: "Understand", hidden: true, rangeless: true, page: lazy(() => import("../pages/sessions/session")) },
  { path: "/trends", name: "Trends", group: "Understand", letter: "t", page: lazy(() => import("../pages/trends/trends")) },
  { path: "/funnels", name: "Funnels", group: "Understand", letter: "f", tab: true, page: lazy(() => import("../pages/funnels/funnels")) },
  { path: "/retention", name: "Retention", group: "Understand", letter: "r", usual: "90d", page: lazy(() => import("../pages/retention/retention")) },
  { path: "/paths", name: "Paths", group: "Understand", letter: "a", page: lazy(() => import("../pages/paths/paths")) },
  { path: "/pages", name: "Pages", group: "Understand", page: lazy(() => import("../pages/pages/pages")) },
  { path: "/products", name: "Products", group: "Understand", page: lazy(() => import("../pages/products/products")) },
  { path: "/channels", name: "Channels", group: "Understand", page: lazy(() => import("../pages/channels/channels")) },
  { path: "/places", name: "Places", group: "Understand", page: lazy(() => import("../pages/places/places")) },
  { path: "/people", name: "People", group: "Understand", letter: "p", tab: true, page: lazy(() => import("../pages/people/people")) },
  { path: "/people/:id", name: "Person", group: "Understand", hidden: true, rangeless: true, page: lazy(() => import("../pages/people/person")) },
  { path: "/alerts", name: "Alerts", group: "Decide", usual: "7d", page: lazy(() => import("../pages/alerts/alerts")) },
  { path: "/dashboards", name: "Dashboards", group: "Decide", letter: "d", rangeless: true, page: lazy(() => import("../pages/dashboards/dashboards")) },
  { path: "/dashboards/:id", name: "Dashboard", group: "Decide", hidden: true, page: lazy(() => import("../pages/dashboards/dashboard")) },
  { path: "/reports", name: "Reports", group: "Decide", rangeless: true, page: lazy(() => import("../pages/reports/reports")) },
  { path: "/settings", name: "Settings", group: "Manage", rangeless: true, page: lazy(() => import("../pages/settings/settings")) },
];

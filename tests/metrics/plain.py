"""The aggregates computed a second time from rows of sessions, with dicts and whole numbers only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

Row = Mapping[str, Any]


def class_distribution(rows: Iterable[Row], *, now_us: int, settled_us: int, window_us: int) -> list[dict[str, Any]]:
    """Windows and classes in order; `settled_us` is lateness and gap together."""
    windows: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in rows:
        windows[row["project_id"], row["session_end"] // window_us].append(row)
    found = []
    for (project_id, number), inside in sorted(windows.items()):
        for name in sorted({row["visitor_class"] for row in inside}):
            group = [row for row in inside if row["visitor_class"] == name]
            end = (number + 1) * window_us
            found.append(
                {
                    "project_id": project_id,
                    "window_start": end - window_us,
                    "window_end": end,
                    "visitor_class": name,
                    "session_count": len(group),
                    "unique_users": _users(group),
                    "total_revenue_micros": sum(row["purchase_micros"] for row in group),
                    "avg_duration_minutes": _length_us(group) / (len(group) * 60_000_000),
                    "share": 100 * len(group) / len(inside),
                    "open": now_us < end + settled_us,
                }
            )
    return found


def class_conversion(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Classes of each project in order of their names."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["project_id"], row["visitor_class"]].append(row)
    found = []
    for (project_id, name), group in sorted(groups.items()):
        views, carts, purchases, revenue = (
            sum(row[figure] for row in group)
            for figure in ("view_count", "cart_count", "purchase_count", "purchase_micros")
        )
        found.append(
            {
                "project_id": project_id,
                "visitor_class": name,
                "total_sessions": len(group),
                "unique_users": _users(group),
                "total_views": views,
                "total_carts": carts,
                "total_purchases": purchases,
                "total_revenue_micros": revenue,
                "avg_session_duration": _length_us(group) / (len(group) * 60_000_000),
                "avg_revenue_per_session_micros": revenue / len(group),
                "avg_order_value_micros": revenue / purchases if purchases else None,
                "view_to_cart_rate": 100 * carts / views if views else None,
                "cart_to_purchase_rate": 100 * purchases / carts if carts else None,
                "overall_conversion_rate": 100 * purchases / views if views else None,
            }
        )
    return found


def _users(group: Iterable[Row]) -> int:
    return len({user for row in group for user in row["users"]})


def _length_us(group: Iterable[Row]) -> int:
    return sum(row["session_end"] - row["session_start"] for row in group)

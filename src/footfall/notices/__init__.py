"""Watches over figures, scheduled reports, and the notices that both lead to, by e-mail and webhook."""

from footfall.notices.service import Notices

__all__ = ["Notices"]

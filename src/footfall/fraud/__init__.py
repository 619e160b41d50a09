"""Fraud rules: alerts as events come, the same over all that is stored, and a score of risk for everyone."""

from footfall.fraud.models import Rule, Severity, Thresholds
from footfall.fraud.watch import Watch

__all__ = ["Rule", "Severity", "Thresholds", "Watch"]

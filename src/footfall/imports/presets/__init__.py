"""Known kinds of files, by name: one small module for each tool or form."""

from __future__ import annotations

from typing import Final

from footfall.imports.presets.access_log import ACCESS_LOG
from footfall.imports.presets.amplitude import AMPLITUDE
from footfall.imports.presets.ga4 import GA4
from footfall.imports.presets.matomo import MATOMO
from footfall.imports.presets.mixpanel import MIXPANEL
from footfall.imports.presets.orders import ONLINE_RETAIL, ORDERS
from footfall.imports.presets.plausible import PLAUSIBLE
from footfall.imports.presets.preset import Fields, Preset, Translate
from footfall.imports.presets.rees46 import REES46

PRESETS: Final = {
    preset.name: preset
    for preset in (ACCESS_LOG, AMPLITUDE, GA4, MATOMO, MIXPANEL, ORDERS, ONLINE_RETAIL, PLAUSIBLE, REES46)
}

__all__ = ["PRESETS", "Fields", "Preset", "Translate"]

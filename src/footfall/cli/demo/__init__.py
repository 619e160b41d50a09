"""The demonstration: a made-up shop, its log imported and its visitors played live over HTTP."""

"""Every number that Footfall shows, defined once in Ibis, one file each; no engine and no formatting but `shown`."""

"""`footfall doctor`: one small file a group of checks; here stands nothing, for much of Footfall may be broken."""

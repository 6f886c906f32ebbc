"""The table of standings, held by every door."""

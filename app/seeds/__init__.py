"""The demonstration: an invented partnership, its people, a story of sixty cases, and a whole year."""

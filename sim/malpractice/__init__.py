"""The menu of manipulation: one practice a file, each with its settings, each changing nothing at strength 0."""
